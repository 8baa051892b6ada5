// What the panel, the drawer and the notes can set going on the student's page.
export interface Deeds {
  ask(text: string, topic: string): void;
  quiz(topic: string): void;
  exercise(id: string): void;
  /** Shows a turn of the conversation; undefined: the newest. */
  turn(id: string | undefined): void;
  why(topic: string): void;
}
