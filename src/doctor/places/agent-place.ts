import { AppError, toAppError } from '../../core/errors.ts';
import type { Finding, Outcome } from '../check.ts';
import { failure } from '../failure.ts';
import type { Observer } from '../runner.ts';
import { type Part, parsePart } from './parts.ts';
import type { SettingView } from './settings-view.ts';

/** Asks the agent; resolves when all parts have come. @throws AppError */
export type AskForParts = (onPart: (part: unknown) => void) => Promise<unknown>;

type Event = Part | { readonly error: AppError | undefined };

/** Where the agent is: its settings, and its findings as they come. */
export class AgentPlace {
  readonly settings: readonly SettingView[];
  readonly #events: ReadableStreamDefaultReader<Event>;

  private constructor(settings: readonly SettingView[], events: ReadableStreamDefaultReader<Event>) {
    this.settings = settings;
    this.#events = events;
  }

  /** @throws AppError if the agent can't diagnose */
  static async open(ask: AskForParts): Promise<AgentPlace> {
    const events = eventsOf(ask).getReader();
    const { value } = await events.read();
    if (value !== undefined && 'settings' in value) return new AgentPlace(value.settings, events);
    throw (value !== undefined && 'error' in value && value.error) || new AppError('ERR_AGENT_PROTOCOL');
  }

  /**
   * Every finding, after `judge` has compared it with what this terminal meets. Never rejects.
   * @returns the findings, and if the agent broke off, the last one, which says so
   */
  async findings(judge: (finding: Finding) => Promise<Finding>, observer: Observer): Promise<Findings> {
    const findings: Finding[] = [];
    let current: Pick<Finding, 'id' | 'title'> = { id: 'diagnosis', title: "Agent's checks" };
    const finish = (finding: Finding): Finding => {
      findings.push(finding);
      observer.finished?.(finding);
      return finding;
    };
    for (;;) {
      const { value: event } = await this.#events.read();
      if (event === undefined) return { findings, broken: undefined };
      if ('started' in event) {
        current = event.started;
        observer.started?.(current);
      } else if ('finding' in event) finish(await judge(event.finding));
      else if ('error' in event && event.error !== undefined) {
        return { findings, broken: finish({ ...current, ...brokenOff(event.error) }) };
      }
    }
  }
}

function brokenOff(error: AppError): Outcome {
  const outcome = failure(error);
  return { ...outcome, detail: `the agent broke off this check: ${outcome.detail}` };
}

interface Findings {
  readonly findings: readonly Finding[];
  readonly broken: Finding | undefined;
}

/** Ends with an event, not with an error, because an error would discard the events before it. */
function eventsOf(ask: AskForParts): ReadableStream<Event> {
  return new ReadableStream({
    start(controller) {
      const end = (error?: AppError): void => {
        controller.enqueue({ error });
        controller.close();
      };
      ask((value) => {
        const part = parsePart(value);
        if (part !== undefined) controller.enqueue(part);
      }).then(
        () => end(),
        (thrown: unknown) => end(toAppError(thrown)),
      );
    },
  });
}
