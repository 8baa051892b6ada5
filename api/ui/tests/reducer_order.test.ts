// The order of durable frames: gaps, duplicates, repeated acks, pong, resync, other histories.
import { describe, expect, it } from 'vitest';
import { hellosIn, Talk } from './talk';

describe('durable frames', () => {
  it('are applied in order and counted', () => {
    const talk = new Talk().connect().running(1, 'c1', 't1');
    talk.frame({ seq: 3, type: 'done', turn: 't1', status: 'complete', text: 'A loop.', source: 'offline' });
    expect(talk.state.seq).toBe(3);
    expect(talk.turn('t1')).toMatchObject({ status: 'complete', text: 'A loop.', source: 'offline', agent: 'concepts' });
  });

  it('of a kind unknown to the page still count', () => {
    const talk = new Talk().connect();
    talk.frame({ seq: 1, type: 'mastery', topic: 'basics.variables' });
    expect(talk.state.seq).toBe(1);
  });

  it('that come twice change nothing', () => {
    const talk = new Talk().connect().running(1, 'c1', 't1');
    talk.frame({ seq: 3, type: 'done', turn: 't1', status: 'complete', text: 'A loop.' });
    const before = talk.state;
    talk.frame({ seq: 2, type: 'route', turn: 't1', agent: 'debug' });
    talk.frame({ seq: 3, type: 'done', turn: 't1', status: 'failed', text: 'other' });
    expect(talk.state.turns).toEqual(before.turns);
    expect(talk.state.seq).toBe(3);
  });

  it('after a gap are not applied; hello asks for what is missing', () => {
    const talk = new Talk().connect().running(1, 'c1', 't1');
    talk.at += 2_000;
    talk.sent();
    talk.frame({ seq: 4, type: 'done', turn: 't1', status: 'complete', text: 'A loop.' });
    expect(talk.state.seq).toBe(2);
    expect(talk.turn('t1')?.status).toBe('running');
    expect(talk.sent()).toEqual([{ type: 'hello', v: 1, after_seq: 2 }]);
  });

  it('with gaps right after a hello lead to one more hello, not to a storm', () => {
    const talk = new Talk().connect();
    for (const seq of [5, 6, 7, 8]) talk.frame({ seq, type: 'notice' });
    expect(hellosIn(talk.sent())).toHaveLength(0);
    talk.wait(500);
    expect(hellosIn(talk.sent())).toHaveLength(1);
    talk.frame({ seq: 9, type: 'notice' });
    expect(talk.sent()).toHaveLength(0);
  });

  it('come in any order without harm: each seq is applied once', () => {
    const talk = new Talk().connect().running(1, 'c1', 't1');
    const done = { seq: 4, type: 'done', turn: 't1', status: 'complete', text: 'A loop.' };
    talk.frame(done);
    talk.frame({ seq: 3, type: 'mastery' });
    talk.frame(done);
    talk.frame(done);
    expect(talk.state.seq).toBe(4);
    expect(talk.state.turns).toHaveLength(1);
  });
});

describe('a repeated ack', () => {
  it('with an old seq settles the command and makes no second turn', () => {
    const talk = new Talk().connect();
    talk.frame({ seq: 1, type: 'notice' });
    talk.ask('c1');
    talk.frame({ seq: 2, type: 'ack', cmd: 'c1', turn: 't1' });
    talk.frame({ seq: 2, type: 'ack', cmd: 'c1', turn: 't1' });
    expect(talk.state.commands).toEqual([]);
    expect(talk.state.turns).toHaveLength(1);
  });

  it('ahead of the order settles a repeated command without a hello and without moving seq', () => {
    const talk = new Talk().connect();
    talk.ask('c1');
    talk.wait(5_000);
    talk.frame({ type: 'welcome', v: 1, seq: 40 });
    talk.sent();
    talk.at += 2_000;
    talk.frame({ seq: 40, type: 'ack', cmd: 'c1', turn: 't1' });
    expect(talk.state.commands).toEqual([]);
    expect(talk.state.seq).toBe(0);
    expect(talk.turn('t1')?.question).toBe('what is a loop?');
    expect(talk.sent()).toEqual([]);
  });

  it('of an older page load is answered by the saved command', () => {
    const saved = new Talk().connect();
    saved.ask('c1', 'kept over a reload');
    const talk = new Talk(saved.state.commands.map((pending) => ({ ...pending, sentAt: null }))).connect(2);
    expect(talk.sent()).toMatchObject([{ type: 'ask', cmd: 'c1' }]);
    talk.frame({ seq: 1, type: 'ack', cmd: 'c1', turn: 't1' });
    expect(talk.turn('t1')?.question).toBe('kept over a reload');
    expect(talk.state.commands).toEqual([]);
  });
});

describe('pong', () => {
  it('above our own seq says hello again, and the lost frame is found', () => {
    const talk = new Talk().connect().running(1, 'c1', 't1');
    talk.at += 5_000;
    talk.sent();
    talk.frame({ type: 'pong', seq: 3 });
    expect(talk.sent()).toEqual([{ type: 'hello', v: 1, after_seq: 2 }]);
    talk.frame({ type: 'welcome', v: 1, seq: 3 });
    talk.frame({ seq: 3, type: 'done', turn: 't1', status: 'complete', text: 'found' });
    expect(talk.turn('t1')?.text).toBe('found');
  });

  it('at or below our own seq is calm', () => {
    const talk = new Talk().connect().running(1, 'c1', 't1');
    talk.at += 5_000;
    talk.sent();
    talk.frame({ type: 'pong', seq: 2 });
    talk.frame({ type: 'pong', seq: 1 });
    expect(talk.sent()).toEqual([]);
  });
});

describe('resync', () => {
  it('sets seq and turns, keeps the ended turns known before, and fetches the transcript', () => {
    const talk = new Talk().connect().running(1, 'c1', 't1');
    talk.frame({ seq: 3, type: 'done', turn: 't1', status: 'complete', text: 'one' });
    talk.running(4, 'c2', 't2');
    const effects = talk.frame({
      type: 'resync',
      seq: 300,
      turns: [
        { turn: 't8', status: 'complete', question: 'q8', text: 'eight', agent: 'debug' },
        { turn: 't9', status: 'running', question: 'q9' },
      ],
    });
    expect(effects).toContainEqual({ kind: 'fetchTranscript' });
    expect(talk.state.seq).toBe(300);
    expect(talk.state.turns.map((turn) => [turn.id, turn.text])).toEqual([['t1', 'one'], ['t8', 'eight'], ['t9', '']]);
    talk.token('t9', 0, 'nine so far', 4);
    talk.frame({ seq: 301, type: 'done', turn: 't9', status: 'complete', text: 'nine' });
    expect(talk.turn('t9')).toMatchObject({ text: 'nine', status: 'complete', question: 'q9' });
  });

  it('below our own seq replaces a history that the server no longer has', () => {
    const talk = new Talk().connect().running(1, 'c1', 't1');
    talk.frame({ seq: 3, type: 'done', turn: 't1', status: 'complete', text: 'one' });
    talk.frame({ type: 'resync', seq: 1, turns: [{ turn: 't0', status: 'complete', question: 'q', text: 'a' }] });
    expect(talk.state.seq).toBe(1);
    expect(talk.state.turns.map((turn) => turn.id)).toEqual(['t0']);
  });

  it('announces a turn that ended while the page was away', () => {
    const talk = new Talk().connect().running(1, 'c1', 't1');
    const effects = talk.frame({ type: 'resync', seq: 9, turns: [{ turn: 't1', status: 'complete', question: 'q', text: 'a' }] });
    expect(effects.map((effect) => effect.kind)).toContain('ended');
  });
});

describe('the transcript', () => {
  it('gives questions to replayed turns and never shows a turn twice', () => {
    const talk = new Talk().connect(3);
    const effects = talk.frame({ seq: 1, type: 'ack', cmd: 'elsewhere', turn: 't2' });
    expect(effects).toContainEqual({ kind: 'fetchTranscript' });
    talk.frame({ seq: 2, type: 'route', turn: 't2', agent: 'debug' });
    talk.on({
      type: 'transcript',
      items: [
        { turn: 't2', status: 'running', question: 'why?' },
        { turn: 't1', status: 'complete', question: 'first', answer: 'one', source: 'cache' },
      ],
    });
    talk.frame({ seq: 3, type: 'done', turn: 't2', status: 'complete', text: 'because' });
    expect(talk.state.turns.map((turn) => [turn.id, turn.question, turn.text])).toEqual([['t1', 'first', 'one'], ['t2', 'why?', 'because']]);
  });

  it('read before the replay is not opened again by it', () => {
    const talk = new Talk().connect(3);
    talk.on({ type: 'transcript', items: [{ turn: 't1', status: 'complete', question: 'q', answer: 'whole' }] });
    talk.frame({ seq: 1, type: 'ack', cmd: 'x', turn: 't1' });
    talk.frame({ seq: 2, type: 'route', turn: 't1', agent: 'debug' });
    talk.token('t1', 0, 'who');
    expect(talk.turn('t1')).toMatchObject({ status: 'complete', text: 'whole', question: 'q' });
    talk.frame({ seq: 3, type: 'done', turn: 't1', status: 'complete', text: 'whole' });
    expect(talk.state.turns).toHaveLength(1);
  });

  it('that is older than the socket does not overwrite an ended turn', () => {
    const talk = new Talk().connect().running(1, 'c1', 't1');
    talk.frame({ seq: 3, type: 'done', turn: 't1', status: 'complete', text: 'whole' });
    talk.on({ type: 'transcript', items: [{ turn: 't1', status: 'running', question: 'other words', answer: 'wh' }] });
    expect(talk.turn('t1')).toMatchObject({ status: 'complete', text: 'whole', question: 'what is a loop?' });
  });
});
