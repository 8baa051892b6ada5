// A small stage for reducer tests: plays events with a clock of its own and keeps every effect.
import type { ClientFrame, ServerFrame } from '../src/wire/frames';
import type { Effect, SocketEvent } from '../src/socket/event';
import { reduce } from '../src/socket/reducer';
import { initialState, type Pending, type SocketState, type Turn } from '../src/socket/state';

export const STUDENT = '01900000-0000-7000-8000-00000000aaaa';

export class Talk {
  state: SocketState;
  effects: Effect[] = [];
  at = 1_000_000;
  jitter = 0.5;

  constructor(commands: readonly Pending[] = []) {
    this.state = initialState(STUDENT, commands);
  }

  /** Plays one event and returns its effects. */
  on(event: SocketEvent): readonly Effect[] {
    const { state, effects } = reduce(this.state, event, { at: this.at, jitter: this.jitter });
    this.state = state;
    this.effects.push(...effects);
    return effects;
  }

  frame(frame: Record<string, unknown>): readonly Effect[] {
    return this.on({ type: 'frame', frame: frame as unknown as ServerFrame });
  }

  /** Lets time pass in ticks of half a second. */
  wait(ms: number): void {
    for (const end = this.at + ms; this.at < end; ) {
      this.at += 500;
      this.on({ type: 'tick' });
    }
  }

  /** Goes from nothing to a welcomed connection; forgets the effects on the way. */
  connect(seq = 0, more: Record<string, unknown> = {}): this {
    this.on({ type: this.state.phase === 'waiting' ? 'wake' : 'start' });
    this.on({ type: 'ticket', ticket: 't1' });
    this.on({ type: 'opened' });
    this.frame({ type: 'welcome', v: 1, student: STUDENT, seq, degraded: false, ...more });
    this.effects = this.effects.filter((effect) => effect.kind === 'send' && effect.frame.type === 'ask');
    return this;
  }

  ask(cmd: string, text = 'what is a loop?'): readonly Effect[] {
    return this.on({ type: 'ask', cmd, text });
  }

  /** A turn that runs: ack and route as frames `seq` and `seq + 1`. */
  running(seq: number, cmd: string, turn: string): this {
    this.ask(cmd);
    this.frame({ seq, type: 'ack', cmd, turn });
    this.frame({ seq: seq + 1, type: 'route', turn, agent: 'concepts', topic: 'control_flow.for_loops' });
    return this;
  }

  token(turn: string, from: number, text: string, attempt = 1): readonly Effect[] {
    return this.frame({ type: 'token', turn, attempt, from, text });
  }

  /** Everything sent since the last call. */
  sent(): ClientFrame[] {
    const frames = this.effects.flatMap((effect) => (effect.kind === 'send' ? [effect.frame] : []));
    this.effects = [];
    return frames;
  }

  turn(id: string): Turn | undefined {
    return this.state.turns.find((turn) => turn.id === id);
  }
}

export const hellosIn = (frames: readonly ClientFrame[]) => frames.filter((frame) => frame.type === 'hello');
