import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** How soon the end of npm is noticed. */
const watchIntervalMs = 500;

/** How long the command may take to stop after it was asked to. A whole system needs a graceful stop of each service, Kafka and Postgres. */
const stopLimitMs = 60_000;

/** ESM-only packages in jest need it. */
const testRunners = ['jest.js'];

/**
 * Runs the command and ends as it ends. One of ours has an IPC channel to us: when we are killed, it closes, and the command stops by itself. npm hands no signal on
 * when it is killed, so we watch for its end as well.
 */
export function runAndFollow({ node, program, args, env, cwd, isOurs }) {
  const options = testRunners.includes(basename(program))
    ? { NODE_OPTIONS: [env.NODE_OPTIONS, '--experimental-vm-modules'].filter(Boolean).join(' ') }
    : {};
  const child = spawn(node, [program, ...args], {
    cwd,
    env: { ...env, ...options },
    stdio: ['inherit', 'inherit', 'inherit', ...(isOurs ? ['ipc'] : [])],
  });

  let asked = false;
  const stop = (signal) => {
    child.kill(signal);
    if (asked) return;
    asked = true;
    setTimeout(() => child.kill('SIGKILL'), stopLimitMs).unref();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(signal));
  const watch = watchAncestors(() => asked || stop('SIGTERM')); // npm may have handed on its signal before it went

  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      clearInterval(watch);
      if (child.connected) child.disconnect();
      resolve(code ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });
}

/** Under npm only: who starts us by hand in the background may well close his terminal and want us to stay. */
function watchAncestors(onGone) {
  if (!process.env.npm_lifecycle_event) return undefined;
  const parent = process.ppid;
  const grandparent = isShell(parent) ? parentOf(parent) : undefined; // npm starts a shell, which may or may not stay between us
  const watch = setInterval(() => {
    if (process.ppid === parent && (grandparent === undefined || parentOf(parent) === grandparent)) return;
    clearInterval(watch); // once: a command that is asked again thinks that somebody is impatient
    onGone();
  }, watchIntervalMs);
  return watch.unref();
}

function isShell(pid) {
  return ['sh', 'dash', 'bash', 'zsh'].includes(statusOf(pid)?.name);
}

function parentOf(pid) {
  return statusOf(pid)?.parent;
}

/** From /proc, so on Linux alone; elsewhere our own parent is all that is watched. */
function statusOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const end = stat.lastIndexOf(')');
    return { name: stat.slice(stat.indexOf('(') + 1, end), parent: Number(stat.slice(end + 2).split(' ')[1]) };
  } catch {
    return undefined; // gone, or not Linux
  }
}
