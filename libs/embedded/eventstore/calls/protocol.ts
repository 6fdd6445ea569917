/** The one door to the service definitions that the official client ships; nobody else imports `generated/`. */
export { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb';
export { ClusterInfo, EndPoint, MemberInfo } from '@eventstore/db-client/generated/gossip_pb';
export { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb';
export {
  OperationsClient,
  OperationsService,
} from '@eventstore/db-client/generated/operations_grpc_pb';
export {
  ScavengeResp,
  StartScavengeReq,
  StopScavengeReq,
} from '@eventstore/db-client/generated/operations_pb';
export {
  SupportedMethod,
  SupportedMethods,
} from '@eventstore/db-client/generated/serverfeatures_pb';
export {
  Empty,
  MaximumAppendSizeExceeded,
  StreamDeleted,
  StreamIdentifier,
  UUID,
  WrongExpectedVersion,
} from '@eventstore/db-client/generated/shared_pb';
export { Status as RpcStatus } from '@eventstore/db-client/generated/status_pb';
export { StreamsClient, StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb';
export {
  AppendResp,
  BatchAppendResp,
  DeleteResp,
  ReadReq,
  ReadResp,
  TombstoneResp,
} from '@eventstore/db-client/generated/streams_pb';
export { Any } from 'google-protobuf/google/protobuf/any_pb';
export { Empty as GoogleEmpty } from 'google-protobuf/google/protobuf/empty_pb';
