// Commands: sent once, repeated under the same id, queued, cancelled, put off, refused.
import { describe, expect, it } from 'vitest';
import { loadCommands, saveCommands } from '../src/socket/saved_commands';
import { hellosIn, STUDENT, Talk } from './talk';

const cmds = (frames: readonly object[]) => frames.flatMap((frame) => ('cmd' in frame ? [frame.cmd] : []));

describe('an ask', () => {
  it('is sent at once and becomes its turn by the ack', () => {
    const talk = new Talk().connect();
    talk.ask('c1');
    expect(talk.sent()).toEqual([{ type: 'ask', cmd: 'c1', text: 'what is a loop?' }]);
    talk.frame({ seq: 1, type: 'ack', cmd: 'c1', turn: 't1' });
    expect(talk.state.commands).toEqual([]);
    expect(talk.turn('t1')).toMatchObject({ question: 'what is a loop?', status: 'queued' });
  });

  it('carries code and topic only when given', () => {
    const talk = new Talk().connect();
    talk.on({ type: 'ask', cmd: 'c1', text: 'q', code: 'x = 1', topic: 'basics.variables' });
    expect(talk.sent()).toEqual([{ type: 'ask', cmd: 'c1', text: 'q', code: 'x = 1', topic: 'basics.variables' }]);
  });

  it('made without a connection is kept and sent after welcome, in order', () => {
    const talk = new Talk();
    talk.ask('c1');
    talk.ask('c2');
    talk.on({ type: 'start' });
    talk.on({ type: 'ticket', ticket: 'x' });
    talk.on({ type: 'opened' });
    expect(cmds(talk.sent())).toEqual([]);
    talk.frame({ type: 'welcome', v: 1, seq: 0 });
    expect(cmds(talk.sent())).toEqual(['c1', 'c2']);
  });

  it('unanswered for 5 s: hello again, then the same command once more', () => {
    const talk = new Talk().connect();
    talk.ask('c1');
    talk.sent();
    talk.wait(4_500);
    expect(talk.sent()).toEqual([]);
    talk.wait(500);
    expect(talk.sent()).toEqual([{ type: 'hello', v: 1, after_seq: 0 }]);
    talk.frame({ type: 'welcome', v: 1, seq: 0 });
    expect(talk.sent()).toEqual([{ type: 'ask', cmd: 'c1', text: 'what is a loop?' }]);
  });

  it('is repeated on a new connection until it is answered', () => {
    const talk = new Talk().connect();
    talk.ask('c1');
    talk.on({ type: 'closed', code: 1012 });
    talk.sent();
    talk.connect();
    expect(cmds(talk.sent())).toEqual(['c1']);
  });

  it('behind a running turn waits in the queue and runs when routed', () => {
    const talk = new Talk().connect().running(1, 'c1', 't1');
    talk.ask('c2', 'second');
    talk.frame({ seq: 3, type: 'ack', cmd: 'c2', turn: 't2' });
    expect(talk.turn('t2')?.status).toBe('queued');
    talk.frame({ seq: 4, type: 'done', turn: 't1', status: 'complete', text: 'one' });
    talk.frame({ seq: 5, type: 'route', turn: 't2', agent: 'debug' });
    expect(talk.turn('t2')).toMatchObject({ status: 'running', question: 'second' });
  });

  it('refused as busy is sent again after the pause that the server names', () => {
    const talk = new Talk().connect();
    talk.ask('c1');
    talk.frame({ type: 'error', cmd: 'c1', code: 'LF0501', title: 'Busy', retryable: true, retry_ms: 2_000 });
    talk.sent();
    talk.wait(1_500);
    expect(cmds(talk.sent())).toEqual([]);
    talk.wait(500);
    expect(cmds(talk.sent())).toEqual(['c1']);
  });

  it('refused for good is shown with the reason, never repeated, and can be dismissed', () => {
    const talk = new Talk().connect();
    talk.ask('c1');
    talk.frame({ type: 'error', cmd: 'c1', code: 'LF0401', title: 'Too long', detail: 'At most 10,000.', retryable: false });
    expect(talk.state.commands[0]?.refused).toEqual({ title: 'Too long', detail: 'At most 10,000.', code: 'LF0401' });
    talk.on({ type: 'closed', code: 1006 });
    talk.sent();
    talk.connect();
    talk.wait(30_000);
    expect(cmds(talk.sent())).toEqual([]);
    talk.on({ type: 'dismiss', cmd: 'c1' });
    expect(talk.state.commands).toEqual([]);
  });

  it('that closed the socket with 1009 is not repeated', () => {
    const talk = new Talk().connect();
    talk.ask('small', 'hi');
    talk.ask('large', 'x'.repeat(9_000));
    talk.on({ type: 'closed', code: 1009 });
    talk.sent();
    talk.connect();
    expect(cmds(talk.sent())).toEqual(['small']);
  });

  it('is bounded: the thirty-third waiting command is told to wait', () => {
    const talk = new Talk();
    for (let index = 0; index < 33; index += 1) talk.ask(`c${index}`);
    expect(talk.state.commands).toHaveLength(32);
    expect(talk.effects.filter((effect) => effect.kind === 'notice')).toHaveLength(1);
  });
});

describe('cancel', () => {
  it('stops the running turn once, however often it is pressed', () => {
    const talk = new Talk().connect().running(1, 'c1', 't1');
    talk.sent();
    talk.on({ type: 'cancel', cmd: 'c2', turn: 't1' });
    talk.on({ type: 'cancel', cmd: 'c3', turn: 't1' });
    expect(talk.sent()).toEqual([{ type: 'cancel', cmd: 'c2', turn: 't1' }]);
    expect(talk.turn('t1')?.stopping).toBe(true);
    talk.token('t1', 0, 'half');
    talk.frame({ seq: 3, type: 'done', turn: 't1', status: 'cancelled', text: 'half' });
    talk.frame({ seq: 4, type: 'ack', cmd: 'c2', turn: 't1' });
    expect(talk.turn('t1')).toMatchObject({ status: 'cancelled', text: 'half', stopping: false });
    expect(talk.state.commands).toEqual([]);
  });

  it('of a turn that has ended sends nothing', () => {
    const talk = new Talk().connect().running(1, 'c1', 't1');
    talk.frame({ seq: 3, type: 'done', turn: 't1', status: 'complete', text: 'one' });
    talk.sent();
    talk.on({ type: 'cancel', cmd: 'c2', turn: 't1' });
    expect(talk.sent()).toEqual([]);
  });

  it('lost by completion leaves the complete answer', () => {
    const talk = new Talk().connect().running(1, 'c1', 't1');
    talk.on({ type: 'cancel', cmd: 'c2', turn: 't1' });
    talk.frame({ seq: 3, type: 'done', turn: 't1', status: 'complete', text: 'whole' });
    talk.frame({ seq: 4, type: 'ack', cmd: 'c2' });
    expect(talk.turn('t1')).toMatchObject({ status: 'complete', text: 'whole', stopping: false });
  });

  it('of a queued turn ends it without a route', () => {
    const talk = new Talk().connect().running(1, 'c1', 't1');
    talk.ask('c2');
    talk.frame({ seq: 3, type: 'ack', cmd: 'c2', turn: 't2' });
    talk.on({ type: 'cancel', cmd: 'c3', turn: 't2' });
    talk.frame({ seq: 4, type: 'done', turn: 't2', status: 'cancelled', text: '' });
    expect(talk.turn('t2')?.status).toBe('cancelled');
    expect(talk.turn('t1')?.status).toBe('running');
  });

  it('of a question that never left takes it back without a word', () => {
    const talk = new Talk();
    talk.ask('c1');
    talk.on({ type: 'withdraw', cmd: 'c2', ask: 'c1' });
    expect(talk.state.commands).toEqual([]);
  });

  it('of a question on its way follows as soon as its turn is known', () => {
    const talk = new Talk().connect();
    talk.ask('c1');
    talk.on({ type: 'withdraw', cmd: 'c2', ask: 'c1' });
    talk.sent();
    talk.frame({ seq: 1, type: 'ack', cmd: 'c1', turn: 't1' });
    expect(talk.sent()).toEqual([{ type: 'cancel', cmd: 'c2', turn: 't1' }]);
  });
});

describe('feedback', () => {
  it('shows at once, is sent, and the last rating counts', () => {
    const talk = new Talk().connect().running(1, 'c1', 't1');
    talk.frame({ seq: 3, type: 'done', turn: 't1', status: 'complete', text: 'one' });
    talk.sent();
    talk.on({ type: 'rate', cmd: 'c2', turn: 't1', rating: 'up' });
    talk.on({ type: 'rate', cmd: 'c3', turn: 't1', rating: 'down' });
    expect(talk.turn('t1')?.rating).toBe('down');
    expect(talk.sent()).toMatchObject([{ type: 'feedback', rating: 'up' }, { type: 'feedback', rating: 'down' }]);
  });
});

describe('saved commands', () => {
  it('survive a reload and are told as an effect on every change', () => {
    const talk = new Talk().connect();
    const saves = talk.ask('c1').filter((effect) => effect.kind === 'saveCommands');
    expect(saves).toHaveLength(1);
    saveCommands(STUDENT, talk.state.commands);
    const loaded = loadCommands(STUDENT);
    expect(loaded).toMatchObject([{ frame: { cmd: 'c1' }, sentAt: null, sends: 1 }]);
    saveCommands(STUDENT, []);
    expect(loadCommands(STUDENT)).toEqual([]);
  });

  it('that make no sense are ignored', () => {
    sessionStorage.setItem(`learnflow.commands.${STUDENT}`, '[1, {"frame":{}}, null]');
    expect(loadCommands(STUDENT)).toEqual([]);
    sessionStorage.setItem(`learnflow.commands.${STUDENT}`, '{broken');
    expect(loadCommands(STUDENT)).toEqual([]);
    sessionStorage.clear();
  });
});

it('errors without a command are told, not stored', () => {
  const talk = new Talk().connect();
  const effects = talk.frame({ type: 'error', code: 'LF0102', title: 'Odd', detail: 'frame', retryable: false });
  expect(effects).toEqual([{ kind: 'notice', title: 'Odd', detail: 'frame' }]);
  expect(hellosIn(talk.sent())).toEqual([]);
});
