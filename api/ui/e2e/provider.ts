// An OpenAI-compatible model server that a test holds in its hand: it streams some words, waits, and goes on when told.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

const MODEL = 'scripted';

export class ScriptedModel {
  /** Requests that came in. */
  calls = 0;
  /** The whole answer of the next calls. */
  answer = 'Hello.';
  /** Words after which the stream waits; undefined: never. */
  holdAfterWords: number | undefined;
  #release: () => void = () => undefined;
  #released: Promise<void> = Promise.resolve();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<ScriptedModel> {
    const server = createServer();
    const model = new ScriptedModel(server);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => void model.#serve(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return model;
  }

  /** Environment variables that make the server under test use this model. */
  get settings(): Record<string, string> {
    const address = this.server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    return {
      LEARNFLOW__MODEL__KIND: 'openai',
      LEARNFLOW__MODEL__BASE_URL: `http://127.0.0.1:${port}/v1`,
      LEARNFLOW__MODEL__NAME: MODEL,
      LEARNFLOW__MODEL__API_KEY: 'only-for-tests',
    };
  }

  /** Lets the next streams stop after `words` words until `release`. */
  hold(words: number): void {
    this.holdAfterWords = words;
    this.#released = new Promise((resolve) => (this.#release = resolve));
  }

  release(): void {
    this.holdAfterWords = undefined;
    this.#release();
  }

  async dispose(): Promise<void> {
    this.release();
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.resume();
    await once(request, 'end');
    if (request.method !== 'POST') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ object: 'list', data: [{ id: MODEL, object: 'model' }] }));
      return;
    }
    this.calls += 1;
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    const words = this.answer.split(/(?<=\s)/);
    for (const [index, word] of words.entries()) {
      if (index === this.holdAfterWords) await this.#released;
      if (response.destroyed) return;
      response.write(event({ delta: index === 0 ? { role: 'assistant', content: word } : { content: word }, finish_reason: null }));
    }
    response.write(event({ delta: {}, finish_reason: 'stop' }));
    response.end('data: [DONE]\n\n');
  }
}

function event(choice: { delta: object; finish_reason: string | null }): string {
  const chunk = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: MODEL, choices: [{ index: 0, ...choice }] };
  return `data: ${JSON.stringify(chunk)}\n\n`;
}
