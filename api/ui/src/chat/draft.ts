// What is typed but not sent, kept over a reload of the page.

export interface Draft {
  text: string;
  code: string;
  isCodeOpen: boolean;
}

const key = (student: string) => `learnflow.draft.${student}`;
const EMPTY: Draft = { text: '', code: '', isCodeOpen: false };

export function loadDraft(student: string): Draft {
  try {
    return { ...EMPTY, ...(JSON.parse(sessionStorage.getItem(key(student)) ?? '{}') as Partial<Draft>) };
  } catch {
    return EMPTY;
  }
}

export function saveDraft(student: string, draft: Draft): void {
  try {
    if (draft.text || draft.code) sessionStorage.setItem(key(student), JSON.stringify(draft));
    else sessionStorage.removeItem(key(student));
  } catch {
    // Without storage a draft lives as long as the page.
  }
}
