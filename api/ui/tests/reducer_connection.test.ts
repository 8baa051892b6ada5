// The connection: tickets, hello, closing codes, backoff, ping, dead sockets, goaway, active time, somebody else's sign-in.
import { describe, expect, it } from 'vitest';
import { backoffMs } from '../src/socket/connection';
import { Talk } from './talk';

const kinds = (effects: readonly { kind: string }[]) => effects.map((effect) => effect.kind);

describe('connecting', () => {
  it('goes ticket, socket, hello, welcome', () => {
    const talk = new Talk();
    expect(kinds(talk.on({ type: 'start' }))).toEqual(['fetchTicket']);
    expect(talk.on({ type: 'ticket', ticket: 'abc' })).toEqual([{ kind: 'open', ticket: 'abc' }]);
    expect(talk.on({ type: 'opened' })).toEqual([{ kind: 'send', frame: { type: 'hello', v: 1, after_seq: 0 } }]);
    talk.frame({ type: 'welcome', v: 1, seq: 0, degraded: true });
    expect(talk.state).toMatchObject({ phase: 'live', degraded: true, failures: 0 });
  });

  it('says hello with the newest seq after a reconnect', () => {
    const talk = new Talk().connect().running(1, 'c1', 't1');
    talk.on({ type: 'closed', code: 1006 });
    talk.wait(1_000);
    talk.on({ type: 'ticket', ticket: 'x' });
    talk.sent();
    talk.on({ type: 'opened' });
    expect(talk.sent()).toEqual([{ type: 'hello', v: 1, after_seq: 2 }]);
  });

  it('gives up a socket that never opens, and one that never welcomes', () => {
    const talk = new Talk();
    talk.on({ type: 'start' });
    talk.on({ type: 'ticket', ticket: 'x' });
    talk.wait(10_000);
    expect(talk.state.phase).toBe('waiting');
    talk.on({ type: 'wake' });
    talk.on({ type: 'ticket', ticket: 'x' });
    talk.on({ type: 'opened' });
    talk.wait(10_000);
    expect(talk.state).toMatchObject({ phase: 'waiting', failures: 2 });
  });

  it('to another account than the page shows tells the page instead of mixing them', () => {
    const talk = new Talk();
    talk.on({ type: 'start' });
    talk.on({ type: 'ticket', ticket: 'x' });
    talk.on({ type: 'opened' });
    const effects = talk.frame({ type: 'welcome', v: 1, seq: 3, student: 'somebody-else' });
    expect(kinds(effects)).toEqual(['close', 'signedOut']);
    talk.frame({ seq: 1, type: 'ack', cmd: 'x', turn: 'theirs' });
    expect(talk.state.turns).toEqual([]);
  });
});

describe('a closed socket', () => {
  const closedBy = (code: number) => {
    const talk = new Talk().connect();
    const effects = talk.on({ type: 'closed', code });
    return { talk, effects: kinds(effects), phase: talk.state.phase, stopReason: talk.state.stopReason };
  };

  it('is followed by what its code says', () => {
    for (const code of [1000, 1001, 1005, 1006, 1011, 1012, 1013, 4408]) expect(closedBy(code).phase, `${code}`).toBe('waiting');
    expect(closedBy(4401)).toMatchObject({ phase: 'ticket', effects: ['fetchTicket'] });
    expect(closedBy(4400)).toMatchObject({ phase: 'stopped', stopReason: 'misunderstood' });
    expect(closedBy(4403)).toMatchObject({ phase: 'stopped', stopReason: 'forbidden' });
    expect(closedBy(4429)).toMatchObject({ phase: 'stopped', stopReason: 'too_many_tabs' });
  });

  it('with 4401 twice in a row pauses before the third ticket', () => {
    const { talk } = closedBy(4401);
    talk.on({ type: 'ticket', ticket: 'x' });
    talk.on({ type: 'opened' });
    talk.on({ type: 'closed', code: 4401 });
    expect(talk.state.phase).toBe('waiting');
  });

  it('comes back by itself after the pause, or at once when the network does', () => {
    const { talk } = closedBy(1006);
    talk.wait(1_000);
    expect(talk.state.phase).toBe('ticket');
    const other = closedBy(1006).talk;
    expect(kinds(other.on({ type: 'wake' }))).toEqual(['fetchTicket']);
  });

  it('that was stopped starts again when the person says so', () => {
    const { talk } = closedBy(4429);
    talk.wait(60_000);
    expect(talk.state.phase).toBe('stopped');
    talk.on({ type: 'start' });
    expect(talk.state).toMatchObject({ phase: 'ticket', stopReason: undefined });
  });

  it('after goaway waits as long as the server asked', () => {
    const talk = new Talk().connect();
    talk.frame({ type: 'goaway', resume_after_ms: 4_000 });
    talk.on({ type: 'closed', code: 1012 });
    talk.wait(3_500);
    expect(talk.state.phase).toBe('waiting');
    talk.wait(2_500);
    expect(talk.state.phase).toBe('ticket');
  });
});

describe('a ticket', () => {
  it('refused with 401 means signed out, with 403 not allowed, otherwise try later', () => {
    const refuse = (status: number, retryMs?: number) => {
      const talk = new Talk();
      talk.on({ type: 'start' });
      const effects = kinds(talk.on({ type: 'ticketRefused', status, retryMs }));
      return { phase: talk.state.phase, effects, waits: talk.state.retryAt - talk.at };
    };
    expect(refuse(401)).toMatchObject({ phase: 'off', effects: ['signedOut'] });
    expect(refuse(403)).toMatchObject({ phase: 'stopped' });
    expect(refuse(0)).toMatchObject({ phase: 'waiting', waits: backoffMs(0, 0.5) });
    expect(refuse(429, 7_000)).toMatchObject({ phase: 'waiting', waits: 7_000 });
  });
});

it('backoff doubles, is jittered, and has a ceiling', () => {
  expect(backoffMs(0, 0)).toBe(200);
  expect(backoffMs(0, 0.999)).toBe(400);
  expect(backoffMs(3, 0)).toBe(1_600);
  expect(backoffMs(50, 0.999)).toBeLessThanOrEqual(15_000);
  expect(backoffMs(50, 0)).toBeGreaterThanOrEqual(7_500);
});

describe('a quiet connection', () => {
  it('is pinged every 20 s and given up when no pong comes', () => {
    const talk = new Talk().connect();
    talk.wait(20_000);
    expect(talk.sent()).toEqual([{ type: 'ping' }]);
    talk.frame({ type: 'pong', seq: 0 });
    talk.wait(20_000);
    expect(talk.sent()).toEqual([{ type: 'ping' }]);
    talk.wait(10_000);
    expect(talk.state.phase).toBe('waiting');
  });

  it('tells active time at most once a minute', () => {
    const talk = new Talk().connect();
    for (let second = 0; second < 61; second += 1) {
      talk.on({ type: 'activity' });
      talk.at += 1_000;
    }
    expect(talk.sent().filter((frame) => frame.type === 'active')).toHaveLength(2);
  });
});
