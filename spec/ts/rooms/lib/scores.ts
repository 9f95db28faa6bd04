export interface Score {
  name: string;
  points: number;
}

export type Ranked = Score & { place: number };

/** Best first; equals share a place. */
export function rank(scores: Score[]): Ranked[] {
  const sorted = [...scores].sort((a, b) => b.points - a.points || a.name.localeCompare(b.name));
  let place = 0;
  return sorted.map((score, i) => {
    if (i === 0 || sorted[i - 1].points !== score.points) place = i + 1;
    return { ...score, place };
  });
}
