import type { Messages } from './messages.ts';

const SIGN_IN_AGAIN =
  'beginnen Sie eine Sitzung in Claude Desktop, oder führen Sie "foundry-credential-helper login" aus';
const START_AGAIN = 'beginnen Sie von vorn, auch mit "foundry-credential-helper login"';
const BY_CORRELATION_ID = 'der Administrator findet den Grund im Entra-Anmeldeprotokoll über die Korrelations-ID';

export const errorsDe: Messages['errors'] = {
  ERR_INTERNAL: {
    message: 'unerwarteter Fehler',
    hint: 'versuchen Sie es noch einmal; bleibt es dabei, senden Sie dem Support, was "foundry-credential-helper report" schreibt',
  },
  ERR_USAGE: {
    message: 'diese Befehlszeile wird nicht verstanden',
    hint: 'siehe "foundry-credential-helper --help"',
  },
  ERR_CANCELLED: {
    message: 'vor dem Ende abgebrochen',
    hint: 'es wurde nichts geschrieben; beginnen Sie von vorn',
  },
  ERR_FILE_EXISTS: {
    message: 'eine Datei dieses Namens gibt es schon; sie wurde nicht überschrieben',
    hint: 'nennen Sie einen anderen Ordner, oder ersetzen Sie die Dateien mit --force',
  },
  ERR_FILE_UNWRITABLE: {
    message: 'eine Datei kann nicht geschrieben werden',
    hint: 'schaffen Sie Platz, berichtigen Sie die Rechte des Ordners, oder nennen Sie einen anderen',
  },
  ERR_API_KEY_INVALID: {
    message: 'das ist kein API-Schlüssel',
    hint: 'kopieren Sie den Schlüssel allein, als eine Zeile: Azure zeigt ihn unter "Schlüssel und Endpunkt" der Foundry-Ressource',
  },
  ERR_CONFIG_MISSING: {
    message: 'eine notwendige Einstellung fehlt',
    hint: 'bitten Sie Ihre IT-Abteilung, sie zu setzen, oder setzen Sie sie in der Datei, die "config show" nennt',
  },
  ERR_CONFIG_INVALID: {
    message: 'eine Einstellung ist ungültig',
    hint: 'berichtigen Sie den Wert dort, wo er gesetzt ist; "config show" nennt jeden Wert und seine Herkunft',
  },
  ERR_CONFIG_UNREADABLE: {
    message: 'eine Quelle der Einstellungen kann nicht gelesen werden',
    hint: 'berichtigen oder entfernen Sie die genannte Datei; sie wird nie stillschweigend übergangen',
  },
  ERR_FILE_UNREADABLE: {
    message: 'eine Datei kann nicht geprüft werden',
    hint: 'prüfen Sie, ob es die richtige Datei ist: ein Profil, eine Property-Liste, ein Registrierungsexport oder JSON-Einstellungen für foundry-credential-helper oder Claude Desktop',
  },
  ERR_CLAUDE_CODE_CONFLICT: {
    message: 'in den Einstellungen von Claude Code steht, was es hindern würde, dieses Programm zu fragen',
    hint: 'nehmen Sie die genannten Schlüssel heraus, oder ersetzen Sie einen anderen "apiKeyHelper" mit --force; es wurde nichts geändert',
  },
  ERR_CLAUDE_DESKTOP_MANAGED: {
    message: 'die Einstellungen von Claude Desktop gibt auf diesem Computer Ihre Organisation vor',
    hint: 'solange es sie gibt, beachtet Claude Desktop lokale Einstellungen nicht: bitten Sie Ihre IT-Abteilung, dieses Programm dort einzutragen; es wurde nichts geändert',
  },
  ERR_CLAUDE_DESKTOP_CONFLICT: {
    message: 'in Claude Desktop ist ein anderes Profil aktiv',
    hint: 'soll das Profil dieses Programms an seine Stelle treten, verwenden Sie --force; das andere bleibt erhalten; es wurde nichts geändert',
  },
  ERR_ENDPOINT_OFF: {
    message: 'der Token-Endpunkt für Azure SDKs ist ausgeschaltet',
    hint: 'der Administrator setzt "allowTokenEndpoint" auf true; wer Befehle als dieser Benutzer ausführen kann, bekommt dann Token von ihm',
  },
  ERR_ENDPOINT_RESOURCE: {
    message: 'nur für eine Ressource werden Token ausgegeben',
    hint: 'verwenden Sie den Bereich, den "config show" nennt, oder berichtigen Sie "scope"; wo AZURE_CLIENT_ID eine andere Anwendung nennt, entfernen Sie es für diesen Befehl',
  },
  ERR_ENTRA_APP_UNKNOWN: {
    message: 'Entra kennt diese Anwendung in diesem Mandanten nicht',
    hint: 'prüfen Sie "clientId" und "tenantId": die Anwendung muss in diesem Mandanten registriert oder für ihn freigegeben sein',
  },
  ERR_ENTRA_TENANT_UNKNOWN: {
    message: 'Entra kennt diesen Mandanten nicht',
    hint: 'prüfen Sie "tenantId" (und "cloud" bei einer nationalen Cloud)',
  },
  ERR_ENTRA_PUBLIC_CLIENT_OFF: {
    message: 'die App-Registrierung erlaubt keine öffentlichen Clientflows',
    hint: 'prüfen Sie "clientId"; setzen Sie in der App-Registrierung unter Authentifizierung "Öffentliche Clientflows zulassen" auf Ja',
  },
  ERR_ENTRA_SCOPE: {
    message: 'Entra nimmt den verlangten Bereich (scope) nicht an',
    hint: 'prüfen Sie "scope"; die Vorgabe ist für Foundry richtig',
  },
  ERR_SIGN_IN_REQUIRED: { message: 'niemand ist angemeldet', hint: SIGN_IN_AGAIN },
  ERR_SIGN_IN_ENDED: { message: 'die Anmeldung ist abgelaufen oder wurde widerrufen', hint: SIGN_IN_AGAIN },
  ERR_SIGN_IN_STEP_REQUIRED: { message: 'Entra verlangt einen weiteren Schritt der Anmeldung', hint: SIGN_IN_AGAIN },
  ERR_SIGN_IN_DECLINED: { message: 'die Anmeldung wurde im Browser abgelehnt', hint: START_AGAIN },
  ERR_SIGN_IN_CODE_EXPIRED: {
    message: 'die Anmeldung wurde nicht rechtzeitig beendet',
    hint: `${START_AGAIN}; ein Code gilt nur kurze Zeit`,
  },
  ERR_SIGN_IN_CANCELLED: { message: 'die Anmeldung wurde abgebrochen', hint: START_AGAIN },
  ERR_SIGN_IN_OTHER_ACCOUNT: {
    message: 'ein anderes Konto als das vorgesehene hat sich angemeldet',
    hint: 'melden Sie sich mit dem Konto an, das "accountHint" nennt',
  },
  ERR_API_KEY_MISSING: {
    message: 'für diese Ressource ist kein API-Schlüssel hinterlegt',
    hint: 'führen Sie "foundry-credential-helper login --api-key" aus und fügen Sie den Schlüssel Ihrer IT-Abteilung ein',
  },
  ERR_SIGN_IN_PENDING: {
    message: 'die Anmeldung im Browser ist noch nicht beendet',
    hint: 'beenden Sie sie auf der geöffneten Seite und versuchen Sie es noch einmal; sie läuft solange weiter',
  },
  ERR_AGENT_UNREACHABLE: {
    message: 'der Agent hat nicht rechtzeitig geantwortet',
    hint: 'führen Sie "foundry-credential-helper agent status" aus; "agent stop" und "agent start" starten ihn neu',
  },
  ERR_AGENT_UNTRUSTED: {
    message: 'der Zugang zum Agenten gehört nicht diesem Benutzer',
    hint: 'der genannte Pfad gehört jemand anderem oder ist für andere beschreibbar: entfernen Sie ihn und sagen Sie es Ihrer IT-Abteilung',
  },
  ERR_AGENT_VERSION: {
    message: 'der laufende Agent hat eine andere Version',
    hint: 'verwenden Sie überall den neuesten foundry-credential-helper, oder führen Sie "agent stop" aus und versuchen Sie es noch einmal',
  },
  ERR_AGENT_PROTOCOL: {
    message: 'der Agent und dieses Programm verstehen einander nicht',
    hint: 'führen Sie "foundry-credential-helper agent stop" aus und versuchen Sie es noch einmal',
  },
  ERR_AGENT_START: {
    message: 'der Agent konnte nicht gestartet werden',
    hint: 'führen Sie "foundry-credential-helper agent run" in einem Terminal aus, um den Grund zu sehen',
  },
  ERR_AUTOSTART: {
    message: 'der automatische Start des Agenten kann nicht geändert werden',
    hint: 'beheben Sie, was genannt ist; ohne ihn startet der Agent, wenn Claude Desktop ein Token verlangt',
  },
  ERR_STATE_UNWRITABLE: {
    message: 'der Ordner des Agenten ist nicht benutzbar',
    hint: 'schaffen Sie Platz, oder berichtigen Sie die Rechte des genannten Ordners',
  },
  ERR_NETWORK: {
    message: 'der Anmeldedienst ist nicht erreichbar',
    hint: 'prüfen Sie die Netzwerkverbindung; der Host muss auf Port 443 erreichbar sein',
  },
  ERR_NETWORK_DNS: {
    message: 'der Name des Anmeldedienstes kann nicht aufgelöst werden',
    hint: 'prüfen Sie Netzwerkverbindung und DNS; hinter einem Proxy setzen Sie "proxy" oder HTTPS_PROXY',
  },
  ERR_NETWORK_TIMEOUT: {
    message: 'der Anmeldedienst hat nicht rechtzeitig geantwortet',
    hint: 'prüfen Sie Netzwerkverbindung, VPN und Proxy, und versuchen Sie es noch einmal',
  },
  ERR_NETWORK_TLS: {
    message: 'keine vertrauenswürdige TLS-Verbindung zum Anmeldedienst',
    hint: 'wo das Netzwerk TLS prüft, installieren Sie das Stammzertifikat des genannten Ausstellers im System, oder geben Sie es als "caFile" an; in einem öffentlichen Netzwerk melden Sie sich zuerst bei diesem an',
  },
  ERR_NETWORK_PROXY: {
    message: 'der Proxy hat die Verbindung zum Anmeldedienst abgelehnt',
    hint: 'erlauben Sie den Host der Anmeldung im Proxy, oder berichtigen Sie "proxy" oder HTTPS_PROXY',
  },
  ERR_NETWORK_PROXY_AUTH: {
    message: 'der Proxy verlangt Zugangsdaten',
    hint: 'geben Sie sie in "proxy" oder HTTPS_PROXY an, oder lassen Sie den Host der Anmeldung ohne sie durch',
  },
  ERR_NETWORK_REPLY: {
    message: 'es hat etwas geantwortet, das nicht der Anmeldedienst ist',
    hint: 'an seiner Stelle antwortet die Anmeldeseite eines Netzwerks oder ein Proxy: öffnen Sie einen Browser und melden Sie sich im Netzwerk an',
  },
  ERR_THROTTLED: {
    message: 'der Anmeldedienst bittet zu warten',
    hint: 'es ist nichts zu tun: es wird von selbst noch einmal versucht',
  },
  ERR_TOKEN_REJECTED: {
    message: 'das letzte Token wurde zurückgewiesen, und ein neues ist gerade nicht zu bekommen',
    hint: 'prüfen Sie die Netzwerkverbindung, und versuchen Sie es noch einmal',
  },
  ERR_KEYSTORE_LOCKED: {
    message: 'der Schlüsselspeicher ist gesperrt',
    hint: 'entsperren Sie ihn (melden Sie sich am Computer ab und wieder an, oder öffnen Sie das Schlüsselbund-Programm), und versuchen Sie es noch einmal',
  },
  ERR_KEYSTORE_UNAVAILABLE: {
    message: 'es ist kein Schlüsselspeicher verfügbar',
    hint: 'unter Linux installieren und starten Sie einen Secret Service (gnome-keyring oder KWallet) in der Desktop-Sitzung; sonst siehe den genannten Grund',
  },
  ERR_KEYSTORE_RECORD: {
    message: 'die Anmeldung im Schlüsselspeicher kann nicht gelesen werden',
    hint: 'führen Sie "foundry-credential-helper logout" aus, dann "login"; es wurde nichts gelöscht',
  },
  ERR_KEYSTORE_DAMAGED: {
    message: 'die Anmeldung im Schlüsselspeicher ist beschädigt',
    hint: `${SIGN_IN_AGAIN}: eine neue Anmeldung ersetzt sie`,
  },
  ERR_POLICY_BLOCKED: {
    message: 'eine Richtlinie für bedingten Zugriff lehnt diese Anmeldung ab',
    hint: BY_CORRELATION_ID,
  },
  ERR_DEVICE_CODE_BLOCKED: {
    message: 'die Organisation erlaubt keine Anmeldung mit Gerätecode',
    hint: 'der Administrator setzt "signInMethod" auf "browser" oder "browserSignInFallback" auf true, oder nimmt diese Anwendung von der Richtlinie für Authentifizierungsflows aus',
  },
  ERR_CONSENT_REQUIRED: {
    message: 'ein Administrator hat diese Anwendung noch nicht genehmigt',
    hint: 'erteilen Sie in Entra die Administratoreinwilligung für die delegierte Berechtigung Azure Cognitive Services',
  },
  ERR_NOT_ASSIGNED: {
    message: 'dieses Konto ist der Anwendung nicht zugewiesen',
    hint: 'weisen Sie den Benutzer oder eine seiner Gruppen unter Unternehmensanwendungen > Benutzer und Gruppen zu',
  },
  ERR_WRONG_TENANT: {
    message: 'dieses Konto gehört nicht zur eingestellten Organisation',
    hint: 'melden Sie sich mit dem Geschäftskonto dieser Organisation an, oder laden Sie das Konto als Gast ein',
  },
  ERR_ACCOUNT_DISABLED: {
    message: 'dieses Konto ist deaktiviert oder unbekannt',
    hint: 'der Administrator prüft das Konto in Entra',
  },
  ERR_ENTRA_REFUSED: { message: 'Entra hat die Anfrage abgelehnt', hint: BY_CORRELATION_ID },
};
