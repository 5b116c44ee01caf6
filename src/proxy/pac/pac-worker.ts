// The entry point of the thread that runs one PAC file. It blocks while the file runs and while a name is resolved.
import { parentPort, workerData } from 'node:worker_threads';
import { HEADER_BYTES, type PacMessage, type PacQuestion, type PacWorkerData } from './pac-messages.ts';
import { loadEngine, openPacSandbox, type PacSandbox } from './pac-sandbox.ts';

const { script, deadlineMs, shared } = workerData as PacWorkerData;
const state = new Int32Array(shared, 0, 2);
const bytes = new Uint8Array(shared, HEADER_BYTES);

let endsAt = 0;
let ownAddresses: readonly string[] = [];
let opened: PacSandbox | undefined;
const engine = loadEngine();

const send = (message: PacMessage): void => parentPort?.postMessage(message);

function resolve(host: string): readonly string[] {
  Atomics.store(state, 0, 0);
  send({ kind: 'resolve', host });
  if (Atomics.wait(state, 0, 0, Math.max(0, endsAt - Date.now())) === 'timed-out') return [];
  // A decoder doesn't accept shared memory.
  return JSON.parse(Buffer.from(bytes.slice(0, Atomics.load(state, 1))).toString('utf8')) as string[];
}

async function answer(question: PacQuestion): Promise<PacMessage> {
  ownAddresses = question.ownAddresses;
  const module = await engine;
  endsAt = Date.now() + deadlineMs;
  send({ kind: 'started' });
  try {
    opened ??= openPacSandbox(module, {
      script,
      isOver: () => Date.now() > endsAt,
      host: {
        resolve,
        get ownAddresses() {
          return ownAddresses;
        },
        now: () => new Date(),
      },
    });
    return { kind: 'answer', answer: opened.find(question.url, question.host) };
  } catch (thrown) {
    return { kind: 'failure', reason: thrown instanceof Error ? thrown.message : 'it failed' };
  }
}

parentPort?.on('message', (question: PacQuestion) => void answer(question).then(send));
