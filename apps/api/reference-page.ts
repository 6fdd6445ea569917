/** The API as one page to read and to print: drawn from /openapi.json in the browser, with nothing to download. */
export const REFERENCE_PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Lotstream API reference</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
  body { font: 15px/1.5 system-ui, sans-serif; margin: 0; display: grid; grid-template-columns: 20rem 1fr; }
  nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1rem; background: #f4f5f7; box-sizing: border-box; }
  nav a { display: block; color: inherit; text-decoration: none; padding: .15rem 0; }
  main { padding: 1rem 2rem; min-width: 0; max-width: 60rem; }
  section { border-top: 1px solid #ddd; padding: .5rem 0 1rem; }
  code, pre { font: 13px/1.45 ui-monospace, monospace; }
  pre { background: #f4f5f7; padding: .75rem; overflow: auto; }
  table { border-collapse: collapse; } td, th { text-align: left; padding: .2rem .8rem .2rem 0; vertical-align: top; }
  @media (max-width: 50rem) { body { display: block; } nav { position: static; height: auto; } }
</style></head>
<body><nav></nav><main><p>Loading …</p></main>
<script>
const make = (tag, text, ...children) => {
  const node = document.createElement(tag);
  if (text) node.textContent = text;
  node.append(...children.filter(Boolean));
  return node;
};
const resolve = (api, schema) => {
  const name = schema && schema.$ref && schema.$ref.split('/').pop();
  return name ? api.components.schemas[name] : schema || {};
};
const typeOf = (schema) =>
  schema.enum ? schema.enum.join(' | ') : schema.oneOf ? schema.oneOf.map(typeOf).join(' or ')
    : schema.items ? 'list of ' + (schema.items.$ref || schema.items.type || 'object').split('/').pop()
    : (schema.type || (schema.$ref || 'object').split('/').pop()) + (schema.format ? ' (' + schema.format + ')' : '');
const rows = (heads, lines) => {
  const table = make('table', '', make('tr', '', ...heads.map((head) => make('th', head))));
  for (const line of lines) table.append(make('tr', '', ...line.map((cell) => make('td', cell))));
  return lines.length ? table : null;
};
const exampleOf = (content) => {
  const kind = Object.values(content || {})[0] || {};
  return kind.example === undefined ? null : make('pre', JSON.stringify(kind.example, null, 2));
};
function operation(api, method, path, op) {
  const id = method + path;
  const section = make('section', '', make('h3', op.summary || id), make('p', '', make('code', method.toUpperCase() + ' ' + path)));
  section.id = id;
  if (op.description) section.append(make('p', op.description));
  const parameters = (op.parameters || []).map((p) => [p.name + (p.required ? ' *' : ''), p.in, typeOf(p.schema || {}), p.description || '']);
  const body = resolve(api, Object.values((op.requestBody || {}).content || {})[0]?.schema);
  const needed = new Set(body.required || []);
  const fields = Object.entries(body.properties || {}).map(([name, schema]) => [name + (needed.has(name) ? ' *' : ''), 'body', typeOf(schema), schema.description || '']);
  const asked = rows(['name', 'in', 'type', ''], [...parameters, ...fields]);
  if (asked) section.append(make('h4', 'Request'), asked);
  section.append(make('h4', 'Answers'));
  for (const [status, answer] of Object.entries(op.responses || {})) {
    section.append(make('p', status + '  ' + (answer.description || '')));
    const example = exampleOf(answer.content);
    if (example) section.append(example);
  }
  const link = make('a', op.summary || id);
  link.href = '#' + id;
  document.querySelector('nav').append(link);
  return section;
}
fetch('/openapi.json').then((answer) => answer.json()).then((api) => {
  const main = document.querySelector('main');
  main.replaceChildren(make('h1', api.info.title), make('p', api.info.description));
  for (const [path, methods] of Object.entries(api.paths))
    for (const [method, op] of Object.entries(methods)) main.append(operation(api, method, path, op));
});
</script></body></html>`;
