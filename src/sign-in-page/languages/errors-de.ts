import type { Messages } from './messages.ts';

const SIGN_IN_AGAIN =
  'beginnen Sie eine Sitzung in Claude Desktop, oder führen Sie „foundry-credential-helper login“ aus';
const BY_CORRELATION_ID = 'der Administrator findet den Grund im Entra-Anmeldeprotokoll über die Korrelations-ID';

export const errorsDe: Messages['errors'] = {
  ERR_INTERNAL: {
    message: 'unerwarteter Fehler',
    hint: 'versuchen Sie es noch einmal; bleibt es dabei, führen Sie „foundry-credential-helper report“ aus und senden Sie die Datei, die der Befehl schreibt, an den Support',
  },
  ERR_CONFIG_INVALID: {
    message: 'eine Einstellung ist ungültig',
    hint: 'berichtigen Sie den Wert dort, wo er gesetzt ist; „foundry-credential-helper config show“ nennt jeden Wert und seine Herkunft',
  },
  ERR_CONFIG_UNREADABLE: {
    message: 'die Einstellungen dieses Programms können nicht gelesen werden',
    hint: 'berichtigen oder löschen Sie diese Datei oder die Einstellung, die sie nennt; bis dahin läuft das Programm nicht',
  },
  ERR_ENTRA_APP_UNKNOWN: {
    message: 'Entra kennt diese Anwendung in diesem Mandanten nicht',
    hint: 'prüfen Sie „clientId“ und „tenantId“: die Anwendung muss in diesem Mandanten registriert oder für ihn freigegeben sein',
  },
  ERR_ENTRA_TENANT_UNKNOWN: {
    message: 'Entra kennt diesen Mandanten nicht',
    hint: 'prüfen Sie „tenantId“ (und „cloud“ bei einer nationalen Cloud)',
  },
  ERR_ENTRA_PUBLIC_CLIENT_OFF: {
    message: 'die App-Registrierung erlaubt keine öffentlichen Clientflows',
    hint: 'prüfen Sie „clientId“; setzen Sie in der App-Registrierung unter Authentifizierung „Öffentliche Clientflows zulassen“ auf Ja',
  },
  ERR_ENTRA_REDIRECT_URI: {
    message: 'in der App-Registrierung fehlt der Umleitungs-URI dieses Programms',
    hint: 'ein Administrator trägt http://127.0.0.1/callback in der App-Registrierung als Umleitungs-URI für Mobil- und Desktopanwendungen ein: az ad app update --id CLIENT-ID --public-client-redirect-uris http://127.0.0.1/callback',
  },
  ERR_ENTRA_RESOURCE_MISSING: {
    message: 'die Anwendung, die „scope“ nennt, gibt es im Entra-Mandanten Ihrer Organisation nicht',
    hint: 'prüfen Sie „scope“ und „tenantId“; stimmen sie, fügt ein Administrator die Anwendung dem Mandanten hinzu: az ad sp create --id APPLICATION-ID',
  },
  ERR_ENTRA_SCOPE: {
    message: 'Entra nimmt den verlangten Bereich (scope) nicht an',
    hint: 'prüfen Sie „scope“; die Vorgabe ist für Foundry richtig',
  },
  ERR_SIGN_IN_REQUIRED: { message: 'Sie sind nicht angemeldet', hint: SIGN_IN_AGAIN },
  ERR_SIGN_IN_ENDED: { message: 'die Anmeldung ist abgelaufen oder wurde widerrufen', hint: SIGN_IN_AGAIN },
  ERR_SIGN_IN_REFUSED: {
    message: 'Entra akzeptiert diese Anmeldung zurzeit nicht',
    hint: 'beginnen Sie eine Sitzung in Claude Desktop, oder führen Sie „foundry-credential-helper login“ aus; hilft das nicht, findet ein Administrator den Grund im Entra-Anmeldeprotokoll über die Korrelations-ID',
  },
  ERR_SIGN_IN_STEP_REQUIRED: { message: 'Entra verlangt einen weiteren Schritt der Anmeldung', hint: SIGN_IN_AGAIN },
  ERR_NETWORK: {
    message: 'der Anmeldedienst ist nicht erreichbar',
    hint: 'prüfen Sie die Netzwerkverbindung; der Host muss auf Port 443 erreichbar sein',
  },
  ERR_NETWORK_DNS: {
    message: 'der Name eines Servers kann nicht aufgelöst werden',
    hint: 'prüfen Sie Netzwerkverbindung und DNS; braucht das Netzwerk einen Proxy, setzen oder berichtigen Sie „proxy“ oder HTTPS_PROXY',
  },
  ERR_NETWORK_TIMEOUT: {
    message: 'der Anmeldedienst hat nicht rechtzeitig geantwortet',
    hint: 'prüfen Sie Netzwerkverbindung, VPN und Proxy, und versuchen Sie es noch einmal',
  },
  ERR_NETWORK_TLS: {
    message: 'keine sichere Verbindung zum Anmeldedienst von Microsoft möglich',
    hint: 'führen Sie „foundry-credential-helper doctor“ aus: es sagt, was mit dem Zertifikat nicht stimmt',
  },
  ERR_NETWORK_PROXY: {
    message: 'der Proxy hat die Verbindung zum Anmeldedienst abgelehnt',
    hint: 'erlauben Sie den Host der Anmeldung im Proxy, oder berichtigen Sie „proxy“ oder HTTPS_PROXY',
  },
  ERR_NETWORK_PROXY_AUTH: {
    message: 'der Proxy verlangt Zugangsdaten',
    hint: 'berichtigen Sie Benutzernamen und Kennwort, oder geben Sie sie in „proxy“ oder HTTPS_PROXY an; wenn der Proxy nur Negotiate, NTLM oder Kerberos annimmt, starten Sie einen Vermittler wie Cntlm oder Px und geben Sie ihn in „proxy“ an; oder nehmen Sie den Host der Anmeldung von der Anmeldung am Proxy aus',
  },
  ERR_NETWORK_REPLY: {
    message: 'statt des Anmeldedienstes von Microsoft hat ein anderer Server geantwortet',
    hint: 'melden Sie sich in einem öffentlichen Netzwerk im Browser beim Netzwerk an; sonst prüft das Netzwerkteam Proxy und DNS',
  },
  ERR_NETWORK_IDENTITY: {
    message: 'die Antwort des Anmeldedienstes gilt für eine andere Organisation, Anwendung oder Person',
    hint: 'prüfen Sie „cloud“, „tenantId“ und „clientId“, führen Sie „foundry-credential-helper logout“ aus, dann „foundry-credential-helper login“; kommt der Fehler wieder, wenden Sie sich an Ihre IT-Abteilung: vielleicht verändert etwas im Netzwerk die Antworten',
  },
  ERR_THROTTLED: {
    message: 'der Anmeldedienst von Microsoft ist ausgelastet',
    hint: 'Sie müssen nichts tun; es wird automatisch noch einmal versucht',
  },
  ERR_POLICY_BLOCKED: {
    message: 'eine Richtlinie für bedingten Zugriff lehnt diese Anmeldung ab',
    hint: BY_CORRELATION_ID,
  },
  ERR_TOKEN_PROTECTION: {
    message: 'eine Richtlinie für bedingten Zugriff verlangt Tokenschutz, den dieses Programm nicht bietet',
    hint: 'ein Administrator nimmt diese Anwendung oder ihre Benutzer in Entra von der Tokenschutz-Richtlinie aus; eine neue Anmeldung hilft nicht',
  },
  ERR_DEVICE_CODE_BLOCKED: {
    message: 'die Organisation erlaubt keine Anmeldung mit Gerätecode',
    hint: 'der Administrator setzt „signInMethod“ auf „browser“ oder „browserSignInFallback“ auf true, oder nimmt diese Anwendung von der Richtlinie für Authentifizierungsflows aus',
  },
  ERR_CONSENT_REQUIRED: {
    message: 'ein Administrator hat diese Anwendung noch nicht genehmigt',
    hint: 'ein Administrator erteilt in Entra die Administratoreinwilligung für die delegierte Berechtigung Azure Cognitive Services; fehlt die Berechtigung in der App-Registrierung, fügt er sie zuerst hinzu',
  },
  ERR_ENTRA_APP_DISABLED: {
    message: 'die Anmeldung bei dieser Anwendung ist in Ihrer Organisation abgeschaltet',
    hint: 'ein Administrator öffnet die Anwendung in Entra unter Unternehmensanwendungen > Eigenschaften und stellt „Aktiviert für die Benutzeranmeldung?“ auf Ja',
  },
  ERR_ENTRA_SERVICE_MISSING: {
    message: 'im Entra-Mandanten Ihrer Organisation fehlt Azure Cognitive Services, für das die Token gelten',
    hint: 'ein Administrator legt den Dienstprinzipal an: az ad sp create --id 7d312290-28c8-473c-a0ed-8e53749b6d6d',
  },
  ERR_ENTRA_SERVICE_DISABLED: {
    message:
      'im Entra-Mandanten Ihrer Organisation ist Azure Cognitive Services abgeschaltet, für das die Token gelten',
    hint: 'ein Administrator schaltet es ein: az ad sp update --id 7d312290-28c8-473c-a0ed-8e53749b6d6d --set accountEnabled=true; findet Entra es nicht: az ad sp create --id 7d312290-28c8-473c-a0ed-8e53749b6d6d; ist das Abonnement abgelaufen, verlängern Sie es',
  },
  ERR_ENTRA_RESOURCE_DISABLED: {
    message: 'die Anwendung, die „scope“ nennt, ist im Entra-Mandanten Ihrer Organisation abgeschaltet',
    hint: 'ein Administrator öffnet diese Anwendung in Entra unter Unternehmensanwendungen > Eigenschaften und stellt „Aktiviert für die Benutzeranmeldung?“ auf Ja',
  },
  ERR_TENANT_RESTRICTED: {
    message: 'das Netzwerk, in dem Sie sind, erlaubt keine Anmeldung bei dieser Organisation',
    hint: 'der Administrator des Netzwerks nimmt Ihren Mandanten in die Mandanteneinschränkungen auf (bei einem Proxy der Header Restrict-Access-To-Tenants)',
  },
  ERR_NOT_ASSIGNED: {
    message: 'dieses Konto ist der Anwendung nicht zugewiesen',
    hint: 'ein Administrator weist den Benutzer oder eine seiner Gruppen in Entra unter Unternehmensanwendungen > Benutzer und Gruppen zu',
  },
  ERR_WRONG_TENANT: {
    message: 'dieses Konto gehört nicht zur eingestellten Organisation',
    hint: 'melden Sie sich mit dem Geschäftskonto dieser Organisation an, oder lassen Sie dieses Konto von einem Administrator als Gast einladen',
  },
  ERR_ACCOUNT_DISABLED: {
    message: 'dieses Konto ist deaktiviert oder unbekannt',
    hint: 'der Administrator prüft das Konto in Entra',
  },
  ERR_ACCOUNT_LOCKED: {
    message: 'Entra hat dieses Konto für eine Weile gesperrt, oder die Adresse, von der Sie sich anmelden',
    hint: 'warten Sie ein paar Minuten und versuchen Sie es noch einmal; bleibt es dabei, findet ein Administrator im Entra-Anmeldeprotokoll über die Korrelations-ID, welches von beiden es ist',
  },
  ERR_ACCOUNT_REASSIGNED: {
    message: 'dieser Benutzername gehört jetzt zu einem anderen Konto',
    hint: 'wenn Ihre IT-Abteilung das Konto neu angelegt oder Ihnen den Namen gegeben hat, führen Sie „foundry-credential-helper logout“ aus, dann „foundry-credential-helper login“; sonst sagen Sie es ihr',
  },
  ERR_ENTRA_REFUSED: { message: 'Entra hat die Anfrage abgelehnt', hint: BY_CORRELATION_ID },
};
