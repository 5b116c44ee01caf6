/** One way to a server. */
export interface Route {
  /** An http:// or https:// URL; credentials in it are percent-encoded. Absent: the connection is direct. */
  readonly proxy?: string | undefined;
}

/** How a request gets to its server, and why. All texts are for people and never contain credentials. */
export interface RoutePlan {
  /** In order of preference, at least one. The next one counts if one fails before anything was sent to the server. */
  readonly routes: readonly [Route, ...Route[]];
  /** Who decides: `"proxy" in /etc/…/policy.json`, `GNOME's network settings`. */
  readonly origin: string;
  /** The rule that decided, if it isn't obvious: `the exception *.contoso.com`. */
  readonly why?: string | undefined;
  /** What keeps this host from a proxy, and where it's set: `the entry contoso.com of "noProxy" in /etc/…`. */
  readonly exception?: string | undefined;
  /** What couldn't be followed, as a clause: `the PAC file http://… can't be loaded (HTTP 404)`. */
  readonly problem?: string | undefined;
  /** The system detects proxies automatically (WPAD), which this program doesn't follow. */
  readonly autoDetect?: boolean | undefined;
}

/** Decides how requests get to their servers, anew for each request, because networks change. */
export interface Routes {
  /** Never rejects, unless the signal aborts. */
  find(url: URL, signal?: AbortSignal): Promise<RoutePlan>;
  /** Notes that a route's proxy didn't work, so that others are tried first for a while. */
  failed?(route: Route): void;
  /** No route led to an answer, so the next plan must not rest on what was read before, such as a PAC file. */
  renew?(): void;
}
