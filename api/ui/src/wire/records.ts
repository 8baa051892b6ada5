// The shapes of the REST answers that the pages read. Optional fields may be missing and are then left out of the page.
import type { NextStep } from './learning';

export interface Page<Item> {
  items: Item[];
  next_cursor?: string | null;
}

export type Role = 'student' | 'instructor' | 'admin';

export interface User {
  user_id: string;
  student_id?: string | null;
  role: Role;
  email?: string;
  display_name?: string;
  sections?: SectionName[];
}

export interface DemoAccount {
  role: Role;
  email: string;
  display_name: string;
}

export interface SectionName {
  id: string;
  name: string;
}

export interface Section extends SectionName {
  students_total?: number;
}

export interface StudentRow {
  id: string;
  display_name: string;
  turns_total?: number;
  last_active_at?: string | null;
  level?: string | null;
}

export interface Student {
  id: string;
  display_name: string;
  sections?: SectionName[];
  turns_total?: number;
  last_active_at?: string | null;
}

export interface TopicProgress {
  topic: string;
  title?: string;
  module?: string;
  asked_total?: number;
  last_at?: string | null;
  level?: string | null;
  score?: number | null;
  due_at?: string | null;
}

export interface Progress {
  student_id: string;
  topics: TopicProgress[];
  turns_total?: number;
  next?: NextStep;
  updated_at?: string | null;
}

export interface TranscriptTurn {
  turn: string;
  status: 'queued' | 'running' | 'complete' | 'cancelled' | 'failed';
  question?: string;
  code?: string | null;
  answer?: string | null;
  follow_ups?: string[];
  agent?: string | null;
  topic?: string | null;
  source?: string | null;
  asked_at?: string;
  ended_at?: string | null;
}

export interface CourseTopic {
  id: string;
  title: string;
  prerequisites?: string[];
  suggested_questions?: string[];
  exercises?: string[];
}

export interface CourseModule {
  id: string;
  title: string;
  topics: CourseTopic[];
}

export interface Course {
  id: string;
  title: string;
  version?: string | number;
  modules: CourseModule[];
}
