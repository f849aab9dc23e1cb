/** A browser without scripts: it keeps cookies and follows nothing by itself. */
export class TestBrowser {
  readonly cookies = new Map<string, string>();

  constructor(private readonly origin: string) {}

  get(path: string): Promise<Page> {
    return this.request(path, {});
  }

  post(path: string, form: Record<string, string>): Promise<Page> {
    return this.request(path, { method: 'POST', body: new URLSearchParams(form) });
  }

  /** Another browser, or another tab's request that is under way, with the same cookies. */
  copy(): TestBrowser {
    const copy = new TestBrowser(this.origin);
    this.cookies.forEach((value, name) => copy.cookies.set(name, value));
    return copy;
  }

  private async request(path: string, init: RequestInit): Promise<Page> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(`${this.origin}${path}`, { ...init, redirect: 'manual', headers: { cookie } });
    for (const header of response.headers.getSetCookie()) this.keep(header);
    return new Page(response.status, response.headers, await response.text());
  }

  private keep(header: string): void {
    const [pair = '', ...attributes] = header.split(';').map((part) => part.trim());
    const [name = '', value = ''] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
    if (name.startsWith('__Host-') && !(attributes.includes('Secure') && attributes.includes('HttpOnly') && attributes.includes('Path=/')))
      throw new Error(`a browser would refuse the cookie ${name}`);
    if (value === '') this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}

export class Page {
  constructor(
    readonly status: number,
    readonly headers: Headers,
    readonly html: string,
  ) {}

  get location(): string {
    return this.headers.get('location') ?? '';
  }

  get state(): string | undefined {
    return /data-state="([^"]*)"/.exec(this.html)?.[1];
  }

  /** The value of a form's field. */
  field(name: string): string {
    return new RegExp(`name="${name}"[^>]*?value="([^"]*)"`).exec(this.html)?.[1] ?? '';
  }

  /** The text of the element with a test id. */
  text(testId: string): string {
    const inner = new RegExp(`data-testid="${testId}"[^>]*>(.*?)</(?:dd|p)>`, 's').exec(this.html)?.[1] ?? '';
    return inner.replace(/<[^>]*>/g, '').trim();
  }
}
