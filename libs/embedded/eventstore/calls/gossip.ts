import { StreamsService } from './protocol';
import { ClusterInfo, EndPoint, MemberInfo, SupportedMethod, SupportedMethods } from './protocol';

/** The protocol level that the node speaks. */
const SERVER_VERSION = '23.10.6';
const FEATURES: Readonly<Record<string, readonly string[]>> = {
  read: ['position', 'events'],
  batchappend: ['deadline_duration'],
};

export function supportedMethods(): SupportedMethods {
  const methods = Object.values(StreamsService).map(({ path }: { readonly path: string }) => {
    const [, service = '', method = ''] = path.toLowerCase().split('/');
    const supported = new SupportedMethod().setServiceName(service).setMethodName(method);
    return supported.setFeaturesList([...(FEATURES[method] ?? [])]);
  });
  return new SupportedMethods().setEventStoreServerVersion(SERVER_VERSION).setMethodsList(methods);
}

/** A cluster of one: this node, its leader. */
export function clusterOfOne(host: string, port: number): ClusterInfo {
  const self = new MemberInfo()
    .setState(MemberInfo.VNodeState.LEADER)
    .setIsAlive(true)
    .setTimeStamp(String(BigInt(Date.now()) * 10_000n))
    .setHttpEndPoint(new EndPoint().setAddress(host).setPort(port));
  return new ClusterInfo().setMembersList([self]);
}
