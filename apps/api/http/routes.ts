interface Route {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

export interface RouteTable {
  readonly add: (route: { readonly method: string | string[]; readonly url: string }) => void;
  /** The methods that an address takes; none where there is nothing. */
  readonly methodsOf: (url: string) => readonly string[];
}

/** What the router knows, for the answer to a method that an address does not take. */
export function routeTable(): RouteTable {
  const routes = new Map<string, Route>();
  return {
    add: ({ method, url }) => {
      const known = routes.get(url) ?? { pattern: patternOf(url), methods: new Set<string>() };
      for (const each of [method].flat()) known.methods.add(each);
      routes.set(url, known);
    },
    methodsOf: (url) => {
      const path = (url.split('?')[0] ?? '').replace(/(?<=.)\/+$/, '');
      const methods = new Set<string>();
      for (const { pattern, methods: some } of routes.values()) {
        if (pattern.test(path)) some.forEach((method) => methods.add(method));
      }
      return [...methods].sort();
    },
  };
}

function patternOf(url: string): RegExp {
  const parts = url
    .split('/')
    .map((part) => (part.startsWith(':') ? '[^/]+' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')));
  return new RegExp(`^${parts.join('/')}$`);
}
