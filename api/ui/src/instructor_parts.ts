// The instructor's pages, which a student's browser never loads.
export { default as SectionPage } from './classroom/SectionPage.svelte';
export { default as SectionsPage } from './classroom/SectionsPage.svelte';
export { default as StudentPage } from './classroom/StudentPage.svelte';
