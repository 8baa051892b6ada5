// Starts, kills and restarts a LearnFlow demo server for one test: own ports, own data folder, ended by its pid.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const READY_MS = 30_000;
const END_MS = 10_000;
const POLL_MS = 50;

export class DemoServer {
  #child: ChildProcess | undefined;
  #said = '';

  private constructor(
    private readonly dataDir: string,
    private readonly port: number,
    private readonly metricsPort: number,
    private readonly settings: Record<string, string>,
  ) {}

  /** Starts a server with an empty data folder. `settings` are environment variables. */
  static async start(settings: Record<string, string>): Promise<DemoServer> {
    const dataDir = await mkdtemp(join(tmpdir(), 'learnflow-e2e-'));
    const server = new DemoServer(dataDir, await freePort(), await freePort(), settings);
    await server.up();
    return server;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts the process on the same data folder and ports, and waits until it is ready. */
  async up(): Promise<void> {
    const binary = process.env.LEARNFLOW_BIN;
    if (!binary) throw new Error('LEARNFLOW_BIN must name the learnflow binary to test');
    const args = ['demo', '--listen', `127.0.0.1:${this.port}`, '--metrics-listen', `127.0.0.1:${this.metricsPort}`];
    const child = spawn(binary, [...args, '--data-dir', this.dataDir, '--no-simulated-class'], {
      env: { ...process.env, ...this.settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const keep = (chunk: Buffer) => (this.#said = (this.#said + chunk.toString()).slice(-4_000));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    this.#child = child;
    await this.#ready(child);
  }

  async #ready(child: ChildProcess): Promise<void> {
    for (const end = Date.now() + READY_MS; Date.now() < end; ) {
      if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}:\n${this.#said}`);
      const isReady = await fetch(`${this.origin}/readyz`).then(
        (response) => response.ok,
        () => false,
      );
      if (isReady) return;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    throw new Error(`the server was not ready within ${READY_MS} ms:\n${this.#said}`);
  }

  /** Ends the process the hard way, as a power cut would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Ends the process and removes its data. */
  async dispose(): Promise<void> {
    await this.#end('SIGTERM');
    await rm(this.dataDir, { recursive: true, force: true });
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), END_MS);
    await exit;
    clearTimeout(late);
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
