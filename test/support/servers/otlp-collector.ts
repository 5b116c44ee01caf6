// A collector of OpenTelemetry's logs and metrics over HTTP, for those with a token for its own audience.
// https://opentelemetry.io/docs/specs/otlp/#otlphttp
import { jsonReply } from './https-listener.ts';
import { type ProtectedResource, type ProtectedResourceOptions, startProtectedResource } from './protected-resource.ts';

export type OtlpCollectorOptions = Omit<ProtectedResourceOptions, 'answer'>;

export interface OtlpCollector extends ProtectedResource {
  /** Base address for exporters; they append `/v1/logs` and `/v1/metrics`. */
  readonly endpoint: string;
  /** Names of the log records that it took, as `claude_code.user_prompt`, oldest first. */
  readonly events: readonly string[];
}

/** Starts the collector on a free loopback port. It reads `http/json` only. */
export async function startOtlpCollector(options: OtlpCollectorOptions): Promise<OtlpCollector> {
  const events: string[] = [];
  const resource = await startProtectedResource({
    ...options,
    answer: ({ url, body }) => {
      if (!['/v1/logs', '/v1/metrics'].includes(url.pathname)) return jsonReply(404, {});
      const content = JSON.parse(body.toString()) as LogsRequest;
      for (const { scopeLogs = [] } of content.resourceLogs ?? []) {
        for (const { logRecords = [] } of scopeLogs)
          events.push(...logRecords.map((record) => record.body.stringValue));
      }
      return jsonReply(200, { partialSuccess: {} });
    },
  });
  return { ...resource, events, endpoint: `https://${options.host}` };
}

interface LogsRequest {
  readonly resourceLogs?: readonly {
    readonly scopeLogs?: readonly {
      readonly logRecords?: readonly { readonly body: { readonly stringValue: string } }[];
    }[];
  }[];
}
