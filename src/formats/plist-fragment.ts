// What MDM consoles accept in place of a property list: Microsoft Intune's preference files hold keys and values alone,
// custom settings of Jamf and Workspace ONE one or more <dict> elements.

/** A whole property list made of such a fragment, lines unchanged; `undefined` if the text isn't one. */
export function completeFragment(text: string): string | undefined {
  const element = /^<(key|dict)\b/.exec(afterComments(text))?.[1];
  if (element === undefined) return undefined;
  return element === 'key' ? `<plist><dict>${text}</dict></plist>` : `<plist><array>${text}</array></plist>`;
}

function afterComments(text: string): string {
  let rest = text.trimStart();
  while (rest.startsWith('<!--') && rest.includes('-->')) rest = rest.slice(rest.indexOf('-->') + 3).trimStart();
  return rest;
}
