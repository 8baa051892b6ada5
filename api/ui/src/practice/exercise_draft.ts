// What a student has written for an exercise, kept over a reload of the page.

const key = (student: string, exercise: string) => `learnflow.exercise.${student}.${exercise}`;

export function loadWork(student: string, exercise: string): string | undefined {
  try {
    return sessionStorage.getItem(key(student, exercise)) ?? undefined;
  } catch {
    return undefined;
  }
}

/** `work` that equals `starter` is not kept. */
export function saveWork(student: string, exercise: string, work: string, starter: string): void {
  try {
    if (work === starter) sessionStorage.removeItem(key(student, exercise));
    else sessionStorage.setItem(key(student, exercise), work);
  } catch {
    // Without storage it lives as long as the page.
  }
}
