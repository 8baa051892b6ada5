// Who is signed in: found out from the server at start, changed by signing in and out. The cookie itself is never readable here.
import * as endpoints from '../http/endpoints';
import { asProblem, type Problem } from '../http/request';
import { forgetCommands } from '../socket/saved_commands';
import type { User } from '../wire/records';

export type SessionState =
  | { kind: 'loading' }
  | { kind: 'signedOut' }
  | { kind: 'signedIn'; user: User }
  | { kind: 'unreachable'; problem: Problem };

const RETRY_MS = 3_000;

class Session {
  state = $state.raw<SessionState>({ kind: 'loading' });

  /** Asks the server who we are; tries again by itself while the server can't be reached. */
  async refresh(): Promise<void> {
    try {
      this.state = { kind: 'signedIn', user: await endpoints.me() };
    } catch (error) {
      const problem = asProblem(error);
      if (problem.status === 401) {
        this.state = { kind: 'signedOut' };
        return;
      }
      this.state = { kind: 'unreachable', problem };
      setTimeout(() => void this.refresh(), RETRY_MS);
    }
  }

  async signOut(): Promise<void> {
    const student = this.state.kind === 'signedIn' ? this.state.user.student_id : undefined;
    await endpoints.signOut();
    if (student) forgetCommands(student);
    location.hash = '#/';
    this.state = { kind: 'signedOut' };
  }
}

export const session = new Session();
