// The server's endpoints that the pages use, one function each.
import { request } from './request';
import type { Exercise, ExerciseStanding, QuizItem, Reviews, Why } from '../wire/learning';
import type { Course, DemoAccount, Page, Progress, Section, Student, StudentRow, TranscriptTurn, User } from '../wire/records';

export interface SignUpForm {
  email: string;
  password: string;
  display_name: string;
  class_code?: string;
}

const id = encodeURIComponent;
const query = (limit: number, cursor?: string | null) => `?limit=${limit}${cursor ? `&cursor=${id(cursor)}` : ''}`;

export const signIn = (email: string, password: string) => request<unknown>('POST', '/v1/auth/sign-in', { email, password });
export const signUp = (form: SignUpForm) => request<unknown>('POST', '/v1/auth/sign-up', form);
export const signOut = () => request<void>('POST', '/v1/auth/sign-out');
export const me = () => request<User>('GET', '/v1/me');
export const demoAccounts = () => request<Page<DemoAccount>>('GET', '/v1/demo/accounts');
export const demoSignIn = (email: string) => request<unknown>('POST', '/v1/demo/sign-in', { email });
export const wsTicket = () => request<{ ticket: string }>('POST', '/v1/ws-tickets');
export const course = () => request<Course>('GET', '/v1/course');
export const sections = (cursor?: string | null) => request<Page<Section>>('GET', `/v1/sections${query(50, cursor)}`);
export const section = (section: string) => request<Section>('GET', `/v1/sections/${id(section)}`);
export const sectionStudents = (section: string, cursor?: string | null) =>
  request<Page<StudentRow>>('GET', `/v1/sections/${id(section)}/students${query(50, cursor)}`);
export const student = (student: string) => request<Student>('GET', `/v1/students/${id(student)}`);
export const progress = (student: string) => request<Progress>('GET', `/v1/students/${id(student)}/progress`);
export const reviews = (student: string) => request<Reviews>('GET', `/v1/students/${id(student)}/reviews`);
export const exercises = (student: string) => request<Page<ExerciseStanding>>('GET', `/v1/students/${id(student)}/exercises`);
export const exercise = (exercise: string) => request<Exercise>('GET', `/v1/exercises/${id(exercise)}`);
export const quizItem = (topic: string) => request<QuizItem>('GET', `/v1/students/me/quiz?topic=${id(topic)}`);
export const why = (student: string, topic: string, limit: number, cursor?: string | null) =>
  request<Why>('GET', `/v1/students/${id(student)}/mastery/${id(topic)}/why${query(limit, cursor)}`);
export const transcript = (student: string, limit: number, cursor?: string | null) =>
  request<Page<TranscriptTurn>>('GET', `/v1/students/${id(student)}/transcript${query(limit, cursor)}`);
