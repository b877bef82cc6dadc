/** As much of the browser's interface for extensions as is used here. */
declare namespace chrome {
  interface StorageArea {
    get(key: string | null): Promise<Record<string, unknown>>;
    set(items: Record<string, unknown>): Promise<void>;
    readonly onChanged: { addListener(listener: () => void): void };
  }
  const storage: {
    /** On this machine; no account carries it elsewhere. */
    readonly local: StorageArea;
    /** In memory, until the browser ends. */
    readonly session: StorageArea;
  };
  namespace devtools.network {
    /** An entry of HAR 1.2, whose content has no text yet. */
    interface Request {
      readonly request: { readonly url: string };
      readonly response: { readonly content?: object };
      getContent(done: (text: string | null, encoding: string | null) => void): void;
    }
    const onRequestFinished: { addListener(listener: (request: Request) => void): void };
  }
  const runtime: { readonly id: string };
}
