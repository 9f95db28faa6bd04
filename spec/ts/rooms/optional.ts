import type * as Party from "partykit/server";

interface Profile {
  name?: string;
  address?: { city?: string | null; lines?: string[] } | null;
  friends?: Array<{ name: string; greet?: (other: string) => string } | undefined>;
  age?: number;
}

interface Settings {
  volume: number | null;
  theme?: string;
  nested?: { deep?: { value?: 0 | false | "" } };
}

export default class Optional implements Party.Server {
  profile: Profile | undefined;
  settings: Settings = { volume: 0 };

  constructor(readonly room: Party.Room) {}

  async onMessage(message: string, sender: Party.Connection) {
    const data = JSON.parse(message) as { profile?: Profile | null; settings?: Partial<Settings> } | null;
    this.profile = data?.profile ?? undefined;
    this.settings = { ...this.settings, ...data?.settings };
    const lines = this.profile?.address?.lines;
    const friend = this.profile?.friends?.[0];

    sender.send(
      JSON.stringify({
        name: this.profile?.name?.toUpperCase() ?? "(no name)",
        city: this.profile?.address?.city ?? "nowhere",
        cityOr: this.profile?.address?.city || "empty",
        first: lines?.[0],
        count: lines?.length ?? -1,
        last: lines?.at?.(-1) ?? null,
        friend: friend?.name,
        greeting: friend?.greet?.("you") ?? `${friend?.name ?? "nobody"} says nothing`,
        volume: this.settings.volume ?? 50,
        loud: this.settings.volume || 50,
        theme: this.settings?.theme?.trim().length,
        deep: this.settings.nested?.deep?.value ?? "unset",
        missing: (data as any)?.a?.b.c.d,
        called: (this as any).nothing?.(sender.close()),
        element: (data as any)?.["pro" + "file"]?.["name"],
        age: this.profile?.age! + 1,
        isNull: data === null,
      })
    );

    let volume: number | null | undefined = this.settings.volume;
    volume ??= 11;
    let theme = this.settings.theme;
    theme ||= "dark";
    let both: string | undefined = theme;
    both &&= both + "!";
    delete this.profile?.address?.lines;
    sender.send(`${volume} ${theme} ${both} ${JSON.stringify(this.profile)}`);
    try {
      sender.send(this.profile!.friends![0]!.greet!("me"));
    } catch (e) {
      sender.send(e instanceof TypeError ? "TypeError" : String(e));
    }
  }
}
