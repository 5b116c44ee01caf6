// Runs under Wine in Windows' own Node: starts programs as Claude Desktop does, with real Windows pipes, and answers
// how they ended. Linux sees only 8 bits of an exit code, and libuv can't use a Unix pipe as a standard stream.
const { spawn } = require('node:child_process');
const { connect } = require('node:net');
const { createInterface } = require('node:readline');

const [, , port, key] = process.argv;
/** How long output may still come when the process has ended. */
const SETTLE_MS = 2000;

function run({ program, args, env, cwd, input, timeoutMs, verbatim }) {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    const options = {
      // Names of Windows variables don't tell upper and lower case apart; the last one counts.
      env: { ...process.env, ...env },
      cwd,
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      windowsHide: true,
      windowsVerbatimArguments: verbatim === true,
    };
    for (const [name, value] of Object.entries(env)) if (value === null) delete options.env[name];
    const child = spawn(program, args, options);
    const output = { stdout: [], stderr: [] };
    for (const name of ['stdout', 'stderr']) {
      child[name].on('data', (chunk) => output[name].push(chunk));
      child[name].on('error', (error) => output.stderr.push(Buffer.from(`${name}: ${error}`)));
    }
    if (input !== undefined) {
      child.stdin.on('error', () => undefined);
      child.stdin.end(input);
    }
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill();
    }, timeoutMs);
    const finish = (exitCode, outputHeldOpen) => {
      clearTimeout(timer);
      const text = (chunks) => Buffer.concat(chunks).toString('utf8');
      const durationMs = performance.now() - startedAt;
      const { stdout, stderr } = output;
      resolve({ exitCode, stdout: text(stdout), stderr: text(stderr), durationMs, timedOut, outputHeldOpen });
    };
    child.once('error', (error) => {
      output.stderr.push(Buffer.from(String(error)));
      finish(-1, false);
    });
    child.once('exit', (code) => setTimeout(() => finish(code ?? -1, true), SETTLE_MS));
    child.once('close', (code) => finish(code ?? -1, false));
  });
}

/**
 * How often to try to start a program. On a busy computer, Wine 8 sometimes can't prepare a process, with an error that
 * libuv doesn't know. The program hasn't run then, and the next try works.
 */
const STARTS = 3;

/** What one program can't do must not end the others: Node throws what Windows seldom answers, and reports the rest. */
async function runOrSayWhyNot(command) {
  for (let start = 1; ; start += 1) {
    try {
      return await run(command);
    } catch (error) {
      if (error.code === 'UNKNOWN' && start < STARTS) continue;
      const stderr = String(error);
      return { exitCode: -1, stdout: '', stderr, durationMs: 0, timedOut: false, outputHeldOpen: false };
    }
  }
}

const socket = connect(Number(port), '127.0.0.1');
socket.write(`${key}\n`);
// Into parent.log.
socket.on('error', (error) => console.error(error));
// The test is over.
socket.on('close', () => process.exit(0));
createInterface({ input: socket }).on('line', (line) => {
  const { id, commands } = JSON.parse(line);
  void Promise.all(commands.map(runOrSayWhyNot)).then((results) =>
    socket.write(`${JSON.stringify({ id, results })}\n`),
  );
});
