// One place that speaks HTTP: same-origin JSON requests, and every failure as a Problem a person can read.

/** A failed request: problem+json (RFC 9457) of the server, or our own words when it couldn't be reached. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly code = '',
    readonly retryMs: number | undefined = undefined,
    readonly fields: FieldFault[] = [],
  ) {
    super(title);
  }
}

export interface FieldFault {
  pointer: string;
  detail: string;
}

const UNREACHABLE = new Problem(0, 'LearnFlow can’t be reached', 'Check the connection. Nothing you wrote is lost.');

/** Sends a request and reads its JSON answer. Throws only `Problem`. */
export async function request<Answer>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Answer> {
  const response = await send(method, path, body);
  if (!response.ok) throw await readProblem(response);
  if (response.status === 204) return undefined as Answer;
  return (await response.json().catch(() => {
    throw new Problem(response.status, 'The answer made no sense', 'Please try again.');
  })) as Answer;
}

async function send(method: string, path: string, body: unknown): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  try {
    return await fetch(path, {
      method,
      headers,
      credentials: 'same-origin',
      signal: AbortSignal.timeout(15_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw UNREACHABLE;
  }
}

async function readProblem(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  const text = (key: string) => (typeof body[key] === 'string' ? (body[key] as string) : '');
  const fallback = FALLBACK_TITLES[response.status] ?? 'Something went wrong';
  const retryMs = typeof body.retry_ms === 'number' ? body.retry_ms : retryAfterMs(response);
  const fields = Array.isArray(body.errors) ? (body.errors as FieldFault[]) : [];
  return new Problem(response.status, text('title') || fallback, text('detail'), text('code'), retryMs, fields);
}

function retryAfterMs(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

const FALLBACK_TITLES: Record<number, string> = {
  401: 'Please sign in',
  403: 'This isn’t yours to see',
  404: 'There is nothing here',
  429: 'Slow down a little',
  503: 'LearnFlow is busy',
};

/** Any thrown value as a Problem. */
export function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem(0, 'Something went wrong', 'Please try again.');
}
