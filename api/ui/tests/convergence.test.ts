// Whatever the line drops, doubles or cuts: in the end the page shows every question once, with the server's answer.
import { expect, it } from 'vitest';
import type { ServerFrame } from '../src/wire/frames';
import { LossyServer } from './lossy_server';
import { Talk } from './talk';

const SEEDS = 400;
const BOUND_MS = 60_000;
const STEPS = 250;
const LOSS = 0.08;
/** Steps for which the line is sometimes dead altogether, while the server works on. */
const AWAY_STEPS = 25;

/** A small seeded random generator (mulberry32). */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

class Line {
  readonly talk = new Talk();
  readonly server = new LossyServer();
  loss = LOSS;
  /** Questions that the page itself turned away, because too many were waiting. */
  turnedAway = 0;
  #asked = 0;
  #answered = 0;
  #awaySteps = 0;

  constructor(private readonly roll: () => number) {
    this.talk.on({ type: 'start' });
  }

  get asked(): number {
    return this.#asked;
  }

  get answered(): number {
    return this.#answered;
  }

  /** Answers that the server counted. */
  get counted(): number {
    return [...this.server.answered.values()].reduce((sum, one) => sum + one, 0);
  }

  /** Carries out the page's effects until it wants nothing more. */
  settle(): void {
    for (let turn = 0; turn < 200; turn += 1) {
      const effects = this.talk.effects;
      this.talk.effects = [];
      if (effects.length === 0) return;
      for (const effect of effects) {
        if (effect.kind === 'notice') this.turnedAway += 1;
        if (effect.kind === 'fetchTicket') this.talk.on({ type: 'ticket', ticket: 't' });
        if (effect.kind === 'open') this.talk.on({ type: 'opened' });
        if (effect.kind === 'send' && this.roll() >= this.loss) this.deliver(this.server.receive(effect.frame));
      }
    }
    throw new Error('the page never comes to rest');
  }

  deliver(frames: readonly ServerFrame[]): void {
    for (const frame of frames) {
      if (this.roll() < this.loss) continue;
      this.talk.on({ type: 'frame', frame });
      if (this.roll() < this.loss) this.talk.on({ type: 'frame', frame });
    }
  }

  step(): void {
    const roll = this.roll();
    this.loss = this.#awaySteps > 0 ? 1 : LOSS;
    this.#awaySteps -= 1;
    if (roll > 0.99) this.#awaySteps = AWAY_STEPS;
    if (roll < 0.12) this.talk.ask(`cmd-${(this.#asked += 1)}`, `question ${this.#asked}`);
    else if (roll < 0.15) this.#cancel();
    else if (roll < 0.2) this.#answer();
    else if (roll < 0.22) this.talk.on({ type: 'closed', code: 1006 });
    else if (roll < 0.23) this.server.crash();
    else this.deliver(this.server.work());
    this.pass(500);
  }

  pass(ms: number): void {
    this.talk.at += ms;
    this.talk.on({ type: 'tick' });
    this.settle();
  }

  #answer(): void {
    const cmd = `quiz-${(this.#answered += 1)}`;
    const item = `topic${this.#answered % 3}.item`;
    this.talk.on({ type: 'practise', frame: { type: 'quiz', cmd, item, answer: 0 } });
  }

  #cancel(): void {
    const running = this.talk.state.turns.find((turn) => turn.status === 'running');
    if (running) this.talk.on({ type: 'cancel', cmd: `stop-${running.id}`, turn: running.id });
  }
}

/** Every answer shows its own grade (or that it was skipped), and mastery is the server's newest. */
function expectPractice({ talk, server }: Line, where: string): void {
  const { practice } = talk.state;
  for (const answer of practice.answers) {
    expect(['graded', 'missed'], where).toContain(answer.status);
    if (answer.status === 'graded') expect(answer.graded?.text, where).toBe(`well done ${answer.cmd}`);
  }
  for (const [topic, mastery] of Object.entries(practice.mastery)) expect(mastery.score, where).toBe(server.answered.get(topic));
}

it('converges over a bad line, for every seed', () => {
  let resyncs = 0;
  let grades = 0;
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const line = new Line(dice(seed));
    for (let step = 0; step < STEPS; step += 1) line.step();
    line.loss = 0;
    for (let second = 0; second < 400; second += 1) {
      line.deliver(line.server.work());
      line.pass(500);
    }
    const { state } = line.talk;
    const told = line.server.turns.map(({ turn, question, status, text }) => ({ id: turn, question, status, text }));
    const shown = state.turns.map(({ id, question, status, text }) => ({ id, question, status, text }));
    expect(line.server.isIdle, `seed ${seed}`).toBe(true);
    expect(state.commands, `seed ${seed}`).toEqual([]);
    expect(state.seq, `seed ${seed}`).toBe(line.server.frames.length);
    const questions = new Set(told.map((turn) => turn.question)).size;
    expect(questions + line.counted, `seed ${seed}`).toBe(line.asked + line.answered - line.turnedAway);
    expectPractice(line, `seed ${seed}`);
    grades += state.practice.answers.filter((answer) => answer.status === 'graded').length;
    const listed = new Set(shown.map((turn) => turn.id));
    // A resync names the newest 20 turns; older ones come from the transcript, which this test leaves out.
    resyncs += line.server.resyncs;
    expect(shown, `seed ${seed}`).toEqual(told.filter((turn) => listed.has(turn.id)));
    expect(told.slice(-15).every((turn) => listed.has(turn.id)), `seed ${seed}`).toBe(true);
  }
  expect(resyncs).toBeGreaterThan(SEEDS / 10);
  expect(grades).toBeGreaterThan(SEEDS);
}, BOUND_MS);
