import type * as Party from "partykit/server";

type Message = { role: "user" | "assistant"; content: string };

const API = "/completions";

// Streams the answer of a language model to everyone in the room.
export default class AIServer implements Party.Server {
  messages: Message[] = [];
  busy = false;

  constructor(readonly party: Party.Party) {}

  get key() {
    return this.party.env.AI_KEY as string;
  }

  async onMessage(text: string, sender: Party.Connection) {
    if (this.busy) {
      sender.send(JSON.stringify({ type: "busy" }));
      return;
    }
    this.busy = true;
    this.messages.push({ role: "user", content: text });
    try {
      const answer = await this.complete(text === "/bad" ? "wrong" : this.key);
      this.messages.push({ role: "assistant", content: answer });
      this.party.broadcast(JSON.stringify({ type: "done", answer }));
    } catch (error) {
      this.messages.pop();
      sender.send(JSON.stringify({ type: "error", message: (error as Error).message }));
    } finally {
      this.busy = false;
    }
  }

  private async complete(key: string): Promise<string> {
    const response = await fetch(`${this.party.env.ORIGIN}${API}`, {
      method: "POST",
      headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
      body: JSON.stringify({ model: "tiny", stream: true, messages: this.messages }),
    });
    if (!response.ok) {
      const { error } = await response.json();
      throw new Error(`${response.status}: ${error.message}`);
    }

    const reader = response.body!.getReader();
    const decoder = new TextDecoder();
    let buffer = "";
    let answer = "";
    while (true) {
      const { done, value } = await reader.read();
      if (done) break;
      buffer += decoder.decode(value, { stream: true });
      const lines = buffer.split("\n\n");
      buffer = lines.pop() ?? "";
      for (const line of lines) {
        const data = line.replace(/^data: /, "");
        if (data === "[DONE]") continue;
        const token = JSON.parse(data).choices[0]?.delta?.content ?? "";
        answer += token;
        this.party.broadcast(JSON.stringify({ type: "token", token }));
      }
    }
    return answer;
  }
}
