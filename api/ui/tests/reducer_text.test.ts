// The text of a running turn: pieces, code points, attempts, what is missed and what comes too late.
import { describe, expect, it } from 'vitest';
import { Talk } from './talk';

const running = () => {
  const talk = new Talk().connect().running(1, 'c1', 't1');
  talk.at += 2_000;
  talk.sent();
  return talk;
};

describe('tokens', () => {
  it('are appended', () => {
    const talk = running();
    talk.token('t1', 0, 'A lo');
    talk.token('t1', 4, 'op.');
    expect(talk.turn('t1')).toMatchObject({ text: 'A loop.', length: 7, status: 'running' });
  });

  it('that overlap cut back to their start', () => {
    const talk = running();
    talk.token('t1', 0, 'A loop is');
    talk.token('t1', 2, 'list');
    expect(talk.turn('t1')?.text).toBe('A list');
  });

  it('count code points, not UTF-16 units', () => {
    const talk = running();
    talk.token('t1', 0, '🐍🐍a');
    talk.token('t1', 3, 'b');
    talk.token('t1', 1, '🎉');
    expect(talk.turn('t1')).toMatchObject({ text: '🐍🎉', length: 2 });
  });

  it('beyond what is there are not appended; hello again', () => {
    const talk = running();
    talk.token('t1', 0, 'A');
    talk.token('t1', 5, 'late');
    expect(talk.turn('t1')?.text).toBe('A');
    expect(talk.sent()).toEqual([{ type: 'hello', v: 1, after_seq: 2 }]);
    talk.frame({ type: 'welcome', v: 1, seq: 2, running: 't1' });
    talk.token('t1', 0, 'A bit late');
    expect(talk.turn('t1')?.text).toBe('A bit late');
  });

  it('of an unknown turn mean that something was missed', () => {
    const talk = running();
    talk.token('t7', 0, 'x');
    expect(talk.turn('t7')).toBeUndefined();
    expect(talk.sent()).toEqual([{ type: 'hello', v: 1, after_seq: 2 }]);
  });

  it('of a higher attempt start again', () => {
    const talk = running();
    talk.token('t1', 0, 'first try');
    talk.token('t1', 0, 'second', 2);
    talk.token('t1', 6, ' try', 2);
    expect(talk.turn('t1')).toMatchObject({ text: 'second try', attempt: 2 });
  });

  it('of a higher attempt that begin in its middle keep the old text until hello brings the whole', () => {
    const talk = running();
    talk.token('t1', 0, 'first try');
    talk.token('t1', 3, 'ond', 2);
    expect(talk.turn('t1')?.text).toBe('first try');
    expect(talk.sent()).toEqual([{ type: 'hello', v: 1, after_seq: 2 }]);
  });

  it('of a lower attempt are too late', () => {
    const talk = running();
    talk.token('t1', 0, 'second', 2);
    talk.token('t1', 6, 'old', 1);
    expect(talk.turn('t1')?.text).toBe('second');
  });

  it('after done are ignored, and done is the truth', () => {
    const talk = running();
    talk.token('t1', 0, 'streamed words');
    talk.frame({ seq: 3, type: 'done', turn: 't1', status: 'complete', text: 'the truth' });
    talk.token('t1', 0, 'again', 9);
    expect(talk.turn('t1')).toMatchObject({ text: 'the truth', status: 'complete' });
  });
});

describe('a running turn', () => {
  it('that is silent for 15 s makes the page say hello again, and go on by the text so far', () => {
    const talk = running();
    talk.token('t1', 0, 'half');
    talk.sent();
    talk.wait(14_500);
    expect(talk.sent()).toEqual([]);
    talk.wait(1_000);
    expect(talk.sent()).toEqual([{ type: 'hello', v: 1, after_seq: 2 }]);
    talk.frame({ type: 'welcome', v: 1, seq: 2, running: 't1' });
    talk.token('t1', 0, 'half and more');
    expect(talk.turn('t1')?.text).toBe('half and more');
  });

  it('over a reconnect continues where it was', () => {
    const talk = running();
    talk.token('t1', 0, 'half');
    talk.on({ type: 'closed', code: 1006 });
    talk.connect(2, { running: 't1' });
    talk.token('t1', 0, 'other words', 2);
    talk.frame({ seq: 3, type: 'done', turn: 't1', status: 'complete', text: 'other words, whole' });
    expect(talk.state.turns).toHaveLength(1);
    expect(talk.turn('t1')).toMatchObject({ text: 'other words, whole', question: 'what is a loop?' });
  });
});
