export { points } from "./points.js";

export const title = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

const fold = (text: string) => text.trim().toLowerCase().normalize("NFC");

export function same(a: string, b: string): boolean {
  return fold(a) === fold(b);
}

export const hint = (answers: string[]) =>
  `one of ${answers.slice(0, -1).join(", ")} or ${answers[answers.length - 1]}`;
