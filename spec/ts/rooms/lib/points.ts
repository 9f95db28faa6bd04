const BASE = 10;

export function points(answered: number, base: number = BASE) {
  return base * answered;
}
