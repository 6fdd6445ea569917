import { credentials, Metadata, type ClientReadableStream } from '@grpc/grpc-js';
import { historyOf } from './history';
import {
  Empty,
  OperationsClient,
  ReadReq,
  StartScavengeReq,
  StreamIdentifier,
  StreamsClient,
  type ReadResp,
} from '../calls/protocol';

export interface ScavengeReport {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * Asks a running node to scavenge, or to go on telling of the scavenge that goes on, and follows its history to the end.
 * Answers the last report; throws when the node cannot be reached.
 */
export async function scavengeNode(
  url: string,
  onReport: (report: ScavengeReport) => void,
): Promise<ScavengeReport> {
  const target = targetOf(url);
  const id = await start(target);
  const streams = new StreamsClient(target, credentials.createInsecure());
  const call = streams.read(historyRequest(historyOf(id)));
  try {
    for await (const report of reportsOf(call)) {
      onReport(report);
      if (report.type === '$scavengeCompleted') return report;
    }
    throw new Error(`the node at ${url} went away while it scavenged; ask again when it is back`);
  } finally {
    call.cancel();
    streams.close();
  }
}

/** `esdb://host:port?tls=false`, `unix:/path` or `host:port`. */
function targetOf(url: string): string {
  const target = /^esdb:\/\/(?:[^@/]*@)?([^/?]+)/.exec(url)?.[1] ?? url;
  if (/^unix:.+/.test(target) || /^(\[[^\]]+\]|[^:/\s]+):\d+$/.test(target)) return target;
  throw new Error(
    `${url} is no address of an event node; it looks like esdb://127.0.0.1:2113?tls=false`,
  );
}

function start(target: string): Promise<string> {
  const operations = new OperationsClient(target, credentials.createInsecure());
  const request = new StartScavengeReq().setOptions(
    new StartScavengeReq.Options().setThreadCount(1),
  );
  const deadline = Date.now() + 10_000;
  return new Promise((resolve, reject) => {
    operations.startScavenge(request, new Metadata(), { deadline }, (error, reply) => {
      operations.close();
      if (!error) return resolve(reply.getScavengeId());
      reject(
        new Error(
          `the event node at ${target} does not scavenge (${error.details}); is it running there? For one that is stopped, give its folder`,
          { cause: error },
        ),
      );
    });
  });
}

function historyRequest(stream: string): ReadReq {
  const options = new ReadReq.Options()
    .setStream(
      new ReadReq.Options.StreamOptions()
        .setStreamIdentifier(new StreamIdentifier().setStreamName(Buffer.from(stream)))
        .setStart(new Empty()),
    )
    .setReadDirection(ReadReq.Options.ReadDirection.FORWARDS)
    .setSubscription(new ReadReq.Options.SubscriptionOptions())
    .setNoFilter(new Empty())
    .setUuidOption(new ReadReq.Options.UUIDOption().setString(new Empty()));
  return new ReadReq().setOptions(options);
}

async function* reportsOf(call: ClientReadableStream<ReadResp>): AsyncGenerator<ScavengeReport> {
  for await (const response of call as AsyncIterable<ReadResp>) {
    const event = response.getEvent()?.getEvent();
    if (!event) continue;
    const type = String(event.getMetadataMap().get('type'));
    const text = Buffer.from(event.getData_asU8()).toString('utf8');
    yield { type, data: JSON.parse(text) as Record<string, unknown> };
  }
}
