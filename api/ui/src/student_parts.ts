// The parts of the student's page that come right after the first paint: progress, quiz, exercises.
export { default as PracticePane } from './practice/PracticePane.svelte';
export { default as ProgressPanel } from './progress/ProgressPanel.svelte';
export { default as WhyDialog } from './progress/WhyDialog.svelte';
