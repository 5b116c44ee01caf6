import { expect, it } from 'vitest';
import { html, htmlWith } from '../../../../src/sign-in-page/page/html.ts';

it('escapes what is put in, for content and for double-quoted attributes', () => {
  const hostile = `"><script>alert('x')</script>&amp;`;
  expect(html`<a title="${hostile}">${hostile}</a>`.toString()).toBe(
    '<a title="&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;amp;">' +
      '&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;amp;</a>',
  );
});

it('keeps its own markup, lists of it, and leaves out what is undefined', () => {
  const items = ['a', '<b>'].map((text) => html`<li>${text}</li>`);
  expect(html`<ul>${items}</ul>${undefined}.`.toString()).toBe('<ul><li>a</li><li>&lt;b&gt;</li></ul>.');
});

it('puts markup where a text has a place for it, and escapes the text', () => {
  const parts = htmlWith('<{address}> & {other}', { address: html`<b>x</b>` });
  expect(html`${parts}`.toString()).toBe('&lt;<b>x</b>&gt; &amp; ');
});
