// Keeps unanswered commands in sessionStorage, so that a reload of the page repeats them under the same ids.
import type { Pending } from './state';

const key = (student: string) => `learnflow.commands.${student}`;

export function saveCommands(student: string, commands: readonly Pending[]): void {
  try {
    if (commands.length === 0) sessionStorage.removeItem(key(student));
    else sessionStorage.setItem(key(student), JSON.stringify(commands));
  } catch {
    // Storage may be full or forbidden; the commands then live as long as the page.
  }
}

/** What an earlier load of the page left; never sent on the new socket yet. */
export function loadCommands(student: string): Pending[] {
  try {
    const saved: unknown = JSON.parse(sessionStorage.getItem(key(student)) ?? '[]');
    return Array.isArray(saved) ? saved.filter(isPending).map((pending) => ({ ...pending, sentAt: null, notBefore: 0 })) : [];
  } catch {
    return [];
  }
}

const isPending = (value: unknown): value is Pending =>
  typeof value === 'object' && value !== null && typeof (value as Pending).frame?.cmd === 'string';

/** Forgets everything unanswered, when somebody signs out. */
export function forgetCommands(student: string): void {
  saveCommands(student, []);
}
