// In the binary, this takes the place of the npm package `xml2js`, with which `dbus-native` reads what a D-Bus service
// says about itself. This program knows the methods that it calls, and never asks. So `xml2js`, `sax`, and a second
// `xmlbuilder` stay out.

export class Parser {
  constructor() {
    throw new Error('no D-Bus service is asked to describe itself');
  }
}
