import type * as Party from "partykit/server";

type Mark = "X" | "O";
type Cell = Mark | null;
type Board = [Cell, Cell, Cell, Cell, Cell, Cell, Cell, Cell, Cell];

const LINES = [
  [0, 1, 2], [3, 4, 5], [6, 7, 8],
  [0, 3, 6], [1, 4, 7], [2, 5, 8],
  [0, 4, 8], [2, 4, 6],
] as const;

const emptyBoard = () => Array(9).fill(null) as Board;

function winnerOf(board: Board): { mark: Mark; line: readonly number[] } | "draw" | undefined {
  for (const line of LINES) {
    const [a, b, c] = line;
    if (board[a] && board[a] === board[b] && board[a] === board[c]) return { mark: board[a]!, line };
  }
  return board.every(Boolean) ? "draw" : undefined;
}

export default class TicTacToe implements Party.Server {
  board = emptyBoard();
  turn: Mark = "X";
  players: Partial<Record<Mark, string>> = {};
  wins = { X: 0, O: 0, draw: 0 };

  constructor(readonly room: Party.Room) {}

  markOf(id: string) {
    return (Object.keys(this.players) as Mark[]).find((mark) => this.players[mark] === id);
  }

  onConnect(conn: Party.Connection) {
    const free = (["X", "O"] as Mark[]).find((mark) => !this.players[mark]);
    if (free) this.players[free] = conn.id;
    conn.send(free ? `you are ${free}` : "you watch");
    conn.send(this.draw());
  }

  draw() {
    const rows: string[] = [];
    for (let y = 0; y < 3; y++) {
      rows.push(this.board.slice(y * 3, y * 3 + 3).map((c, x) => c ?? y * 3 + x).join("|"));
    }
    return rows.join(" / ");
  }

  onMessage(message: string, sender: Party.Connection) {
    const mark = this.markOf(sender.id);
    const index = parseInt(message);
    if (mark === undefined) return sender.send("only players play");
    if (mark !== this.turn) return sender.send("not your turn");
    if (!(index in this.board) || this.board[index] !== null) return sender.send("not there");

    this.board[index] = mark;
    this.turn = mark === "X" ? "O" : "X";
    this.room.broadcast(this.draw());
    const end = winnerOf(this.board);
    if (!end) return;
    const text = end === "draw" ? "a draw" : `${end.mark} wins with ${end.line.join("-")}`;
    this.wins[end === "draw" ? "draw" : end.mark]++;
    this.room.broadcast(`${text}; ${JSON.stringify(this.wins)}`);
    this.board = emptyBoard();
    this.turn = "X";
  }

  onClose(conn: Party.Connection) {
    const mark = this.markOf(conn.id);
    if (mark) {
      delete this.players[mark];
      this.room.broadcast(`${mark} has left`);
    }
  }
}
