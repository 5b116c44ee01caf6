#!/usr/bin/env bash
# Prepares Azure and Entra for foundry-credential-helper: see --help and docs/how-to/azure-setup.md. Works in bash 3.2 (as
# on macOS) or later, and in zsh. Needs the Azure CLI, signed in. You can run it again at any time: it adds only what's
# missing.
if [ -n "${ZSH_VERSION:-}" ]; then emulate -R ksh; fi
set -euo pipefail

# Azure Cognitive Services, the audience of tokens for Foundry. The same in every tenant.
readonly COGNITIVE_SERVICES=7d312290-28c8-473c-a0ed-8e53749b6d6d
# The built-in role "Cognitive Services User".
readonly ROLE=a97b65f3-24c7-4388-baec-2e87135dc908
# Entra ignores the port of a loopback redirect URI, but not its path, and "localhost" isn't the same host.
readonly REDIRECT_URI=http://127.0.0.1/callback
# What the system's brokers ask for: https://learn.microsoft.com/dotnet/azure/sdk/authentication/local-development-broker.
# Windows' ends with the client ID. Linux's is the same in every cloud, because nothing opens it:
# https://learn.microsoft.com/entra/msal/dotnet/how-to/default-reply-uri
readonly WINDOWS_BROKER_URI=ms-appx-web://Microsoft.AAD.BrokerPlugin
readonly LINUX_BROKER_URI=https://login.microsoftonline.com/common/oauth2/nativeclient
# The stable API rejects modelProviderData, which deployments of Claude need.
readonly FOUNDRY_API=2025-10-01-preview
# The words that Azure accepts, in lowercase only: https://github.com/Azure-Samples/claude
readonly INDUSTRIES='technology|finance|healthcare|education|retail|manufacturing|government|media|other'
readonly SIGN_IN_METHODS='browser|device-code|broker'
readonly POLL_SECONDS=5 POLLS=120
# What Graph says about an application that isn't visible everywhere yet.
readonly NOT_VISIBLE='does not reference a valid application|Request_ResourceNotFound' # prose-ok: Graph's words

usage() {
  cat <<'TEXT'
Usage: setup.sh --resource-group NAME --location REGION --resource NAME --model NAME [options]

Creates what's missing of: the resource group, the Foundry resource (kind AIServices), the Claude deployments, the app
registration with its permission, its service principal, and the role that lets people use the models. It creates no
secret. Names are checked before anything is created. At the end, stdout has the settings for foundry-credential-helper;
everything else goes to stderr.

  --resource-group NAME     resource group of the Foundry resource
  --location REGION         region, for example eastus2 or swedencentral
  --resource NAME           name of the Foundry resource: the first part of its host name
  --model NAME              Claude model to deploy under its own name. Repeat it for more; the first one is the default
  --sign-in-method METHOD   browser (default); device-code, for people who sign in over SSH, without a browser on the
                            computer, or on another device; or broker, for computers that are enrolled with your
                            organization (docs/how-to/broker.md). Repeat it to prepare the app registration for more
                            methods; the first one goes into the settings. browser always works; device-code and broker
                            also allow public client flows, and broker adds its two redirect URIs
  --organization-name NAME  your organization, as the sign-in page shows it. Azure needs it, its industry, and its
  --industry WORD           country for each new Claude deployment, and with them you accept the Marketplace terms of
  --country-code CC         Claude for your organization. WORD is one of: technology, finance, healthcare, education,
                            retail, manufacturing, government, media, other. CC is two letters, for example US
  --capacity N              capacity of a new deployment (default 10)
  --app-name NAME           display name of the app registration (default "Foundry credential helper")
  --assign-group NAME       group that may use the models, by name or object ID. Repeat it for more
  --assign-user NAME        user who may use the models, by user principal name or object ID. Repeat it for more
  --admin-consent           grant the permission for all users of the tenant
  --keep-api-keys           leave API keys of a new Foundry resource on (for "credential": "api-key")
  --subscription NAME       subscription, by name or ID (default: the one that the Azure CLI uses)
  --what-if                 only print what would be done
TEXT
}

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "setup.sh: $*"
  exit 1
}

misuse() {
  say "setup.sh: $*"
  say 'See setup.sh --help'
  exit 2
}

# --- the command line ---

parse_arguments() {
  changes=0 what_if=no admin_consent=no keep_api_keys=no capacity=10 app_name='Foundry credential helper'
  resource_group='' location='' resource='' organization='' industry='' country='' subscription=''
  models=() groups=() users=() methods=()
  while [ $# -gt 0 ]; do
    case $1 in
      --what-if) what_if=yes ;;
      --admin-consent) admin_consent=yes ;;
      --keep-api-keys) keep_api_keys=yes ;;
      --help | -h) usage && exit 0 ;;
      --*)
        [ $# -ge 2 ] || misuse "$1 needs a value"
        take_value "$1" "$2"
        shift
        ;;
      *) misuse "unknown argument: $1" ;;
    esac
    shift
  done
  check 'resource-group' "$resource_group" '^[A-Za-z0-9_.()-]{1,90}$'
  check 'location' "$location" '^[a-z0-9]+$'
  check 'resource' "$resource" '^[A-Za-z0-9]([A-Za-z0-9-]{0,62}[A-Za-z0-9])$'
  check 'capacity' "$capacity" '^[1-9][0-9]{0,5}$'
  [ ${#models[@]} -gt 0 ] || misuse '--model is needed'
  for model in "${models[@]}"; do check 'model' "$model" '^[A-Za-z0-9._-]+$'; done
  [ -z "$country" ] || check 'country-code' "$country" '^[A-Z]{2}$'
  check 'app-name' "$app_name" '^[^[:cntrl:]]{1,120}$'
  # No longer than the setting "organizationName" may be.
  [ -z "$organization" ] || check 'organization-name' "$organization" '^[^[:cntrl:]]{1,100}$'
  [ -z "$industry" ] || check_word 'industry' "$industry" "$INDUSTRIES"
  if [ ${#methods[@]} -eq 0 ]; then methods=(browser); fi
  for method in "${methods[@]}"; do check_word 'sign-in-method' "$method" "$SIGN_IN_METHODS"; done
}

has_method() { [[ " ${methods[*]} " == *" $1 "* ]]; }

# Microsoft's pages on brokers ask for public client flows, as a device code does.
needs_flows() { has_method device-code || has_method broker; }

take_value() {
  case $1 in
    --resource-group) resource_group=$2 ;;
    --location) location=$2 ;;
    --resource) resource=$2 ;;
    --model) models+=("$2") ;;
    --sign-in-method) methods+=("$2") ;;
    --organization-name) organization=$2 ;;
    --industry) industry=$2 ;;
    --country-code) country=$2 ;;
    --capacity) capacity=$2 ;;
    --app-name) app_name=$2 ;;
    --assign-group) groups+=("$2") ;;
    --assign-user) users+=("$2") ;;
    --subscription) subscription=$2 ;;
    *) misuse "unknown option: $1" ;;
  esac
}

check() {
  [ -n "$2" ] || misuse "--$1 is needed"
  [[ $2 =~ $3 ]] || misuse "--$1: \"$2\" isn't valid"
}

check_word() {
  [[ $2 =~ ^($3)$ ]] || misuse "--$1: \"$2\" isn't one of ${3//|/, }"
}

# --- Azure's REST interfaces ---

# One value of a response: URL, JMESPath, then `name=value` parameters of the URL. Empty if there is none.
value_of() {
  local url=$1 query=$2
  shift 2
  if [ $# -gt 0 ]; then set -- --uri-parameters "$@"; fi
  rest --method get --url "$url" "$@" --query "$query" --output tsv
}

# The same as compact JSON.
json_of() { rest --method get --url "$1" --query "$2" --output json | tr -d '\n'; }

# `az rest` with its response on stdout. If it fails, prints what the CLI said and what to do about it.
rest() {
  local error
  # The response bypasses the capture of stderr.
  { error=$(az rest "$@" --only-show-errors 2>&1 1>&3); } 3>&1 && return
  say "$error"
  say "$(meaning_of "$error")"
  return 1
}

# What to do about the error codes of Azure and Microsoft Graph.
meaning_of() {
  local lacks="you don't have the permission. You need Owner of the resource group, or Contributor and Role Based Access Control Administrator;"
  case $1 in
    *AuthorizationFailed* | *Authorization_RequestDenied* | *Forbidden*)
      printf 'setup.sh: %s in Entra: Application Administrator (also for --admin-consent). Then run setup.sh again.' "$lacks"
      ;;
    *InsufficientQuota* | *QuotaExceeded* | *'quota limit'*)
      printf 'setup.sh: no quota is left for this model in this region. Lower --capacity, choose another --location, or request quota.'
      ;;
    *FlagMustBeSetForRestore*)
      printf 'setup.sh: a resource with this name was deleted recently. Purge it: az cognitiveservices account purge.'
      ;;
    *) printf 'setup.sh: stopped. Fix this, then run setup.sh again; it continues where it stopped.' ;;
  esac
}

# Makes a change, or with --what-if says what it would change: what, method, URL, body.
change() {
  changes=$((changes + 1))
  if [ "$what_if" = yes ]; then
    say "would $1"
    return
  fi
  say "$1"
  send "$2" "$3" "$4"
}

# The same, with retries: a new application isn't visible everywhere immediately.
change_soon() {
  local try error what=$1
  if [ "$what_if" = yes ]; then
    change "$@"
    return
  fi
  changes=$((changes + 1))
  say "$what"
  shift
  for ((try = 1; ; try += 1)); do
    error=$(send "$@" 2>&1) && return
    if [ "$try" -gt 5 ] || ! [[ $error =~ $NOT_VISIBLE ]]; then
      say "$error"
      return 1
    fi
    say "not visible yet (attempt $try), waiting"
    sleep "$POLL_SECONDS"
  done
}

send() { rest --method "$1" --url "$2" --headers Content-Type=application/json --body "$3" --output none; }

# Waits until Azure has created the resource.
wait_for() {
  local state poll
  [ "$what_if" = no ] || return 0
  for ((poll = 0; poll < POLLS; poll += 1)); do
    state=$(value_of "$1" properties.provisioningState)
    case $state in
      Succeeded) return ;;
      Failed | Canceled) fail "Azure reports $state for $1" ;;
    esac
    sleep "$POLL_SECONDS"
  done
  fail "Azure hasn't finished $1 in time"
}

json_string() { printf '"%s"' "$(printf '%s' "$1" | sed 's/[\\"]/\\&/g')"; }

# ['a'] and ['b'] make ['a','b'].
joined() {
  local first=${1#\[} second=${2#\[}
  first=${first%\]} second=${second%\]}
  local comma=,
  if [ -z "${first// /}" ] || [ -z "${second// /}" ]; then comma=''; fi
  printf '[%s%s%s]' "$first" "$comma" "$second"
}

# OData doubles a quote.
odata() { printf '%s' "$1" | sed "s/'/''/g"; }

# Always the same name for the same assignment, so a second run can't create a second one.
uuid_of() {
  local hash
  hash=$(printf '%s' "$1" | { sha256sum 2>/dev/null || shasum -a 256; })
  printf '%s-%s-5%s-8%s-%s' "${hash:0:8}" "${hash:8:4}" "${hash:13:3}" "${hash:17:3}" "${hash:20:12}"
}

# --- the steps ---

find_account() {
  local show=(az account show) found
  if [ -n "$subscription" ]; then show+=(--subscription "$subscription"); fi
  found=$("${show[@]}" --query "join(' ', [id, tenantId])" --output tsv) ||
    fail 'no subscription: run "az login", or check --subscription'
  read -r subscription_id tenant_id <<<"$found"
  found=$(az cloud show \
    --query "join(' ', [endpoints.resourceManager, endpoints.microsoftGraphResourceId])" --output tsv)
  read -r arm graph <<<"$found"
  arm=${arm%/} graph=${graph%/}/v1.0
  group_id=/subscriptions/$subscription_id/resourceGroups/$resource_group
  account_id=$group_id/providers/Microsoft.CognitiveServices/accounts/$resource
  account_url="$arm$account_id?api-version=$FOUNDRY_API"
  say "subscription $subscription_id, tenant $tenant_id"
}

# Sets `account` and `deployed`. Fails if the resource exists but can't serve Claude.
look() {
  local accounts found domain
  account=no deployed=''
  group=$(az group exists --name "$resource_group" --subscription "$subscription_id" --output tsv)
  [ "$group" = true ] || return 0
  accounts="$arm$group_id/providers/Microsoft.CognitiveServices/accounts?api-version=$FOUNDRY_API"
  found=$(value_of "$accounts" "value[].join(' ', [kind, name])")
  # Azure's names aren't case-sensitive.
  found=$(grep -ixE "[A-Za-z.]+ $resource" <<<"$found") || return 0
  [ "${found%% *}" = AIServices ] ||
    fail "$resource already exists with kind ${found%% *}; Claude needs kind AIServices"
  domain=$(value_of "$account_url" properties.customSubDomainName)
  [ -n "$domain" ] || fail "$resource has no custom subdomain, so it doesn't accept Entra tokens; set one in the portal"
  account=yes
  deployed=$(value_of "$(deployment_url '')" 'value[].name')
}

deployment_url() { printf '%s' "$arm$account_id/deployments${1:+/$1}?api-version=$FOUNDRY_API"; }

is_deployed() { grep -qixF -- "$1" <<<"$deployed"; }

# A deployment that could only fail isn't started.
check_provider_data() {
  [ -z "$organization" ] || [ -z "$industry" ] || [ -z "$country" ] || return 0
  for model in "${models[@]}"; do
    is_deployed "$model" ||
      misuse "to deploy $model, Azure needs --organization-name, --industry, and --country-code (docs/how-to/azure-setup.md)"
  done
}

# `group_ids` and `user_ids`, in the order of `groups` and `users`.
find_people() {
  local name
  group_ids=() user_ids=()
  # In bash 3.2, an empty array counts as unset.
  for name in ${groups[@]+"${groups[@]}"}; do
    find_principal group displayName "$name"
    group_ids+=("$principal")
  done
  for name in ${users[@]+"${users[@]}"}; do
    find_principal user userPrincipalName "$name"
    user_ids+=("$principal")
  done
}

# Sets `principal` to the object ID. Takes `group` or `user`, the property for names, and a name or object ID.
find_principal() {
  local kind=$1 property=$2 name=$3 found count
  if [[ $name =~ ^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$ ]]; then property=id; fi
  found=$(value_of "$graph/${kind}s" "join(' ', [to_string(length(value)), value[0].id || ''])" \
    "\$filter=$property eq '$(odata "$name")'")
  read -r count principal <<<"$found"
  case $count in
    1) ;;
    0) fail "no $kind named \"$name\" in this tenant" ;;
    *) fail "$count ${kind}s are named \"$name\" in this tenant; use the object ID" ;;
  esac
}

# `applications`: how many app registrations have the name.
find_application() {
  app_filter="\$filter=displayName eq '$(odata "$app_name")'"
  applications=$(value_of "$graph/applications" 'length(value)' "$app_filter")
  [ "$applications" -le 1 ] || fail "$applications app registrations are named \"$app_name\"; choose another --app-name"
}

make_group() {
  if [ "$group" = true ]; then
    say "resource group $resource_group: already exists"
    return
  fi
  change "create resource group $resource_group in $location" put \
    "$arm$group_id?api-version=2021-04-01" "{\"location\":\"$location\"}"
}

make_account() {
  local no_keys=true keys=off
  if [ "$account" = yes ]; then
    say "Foundry resource $resource: already exists"
    return
  fi
  if [ "$keep_api_keys" = yes ]; then no_keys=false keys=on; fi
  change "create Foundry resource $resource (kind AIServices, S0, $location, API keys $keys)" put "$account_url" \
    "{\"kind\":\"AIServices\",\"location\":\"$location\",\"sku\":{\"name\":\"S0\"},\"identity\":{\"type\":\"SystemAssigned\"},\"properties\":{\"customSubDomainName\":\"$resource\",\"allowProjectManagement\":true,\"disableLocalAuth\":$no_keys}}"
  wait_for "$account_url"
}

# One after another: Azure refuses two at the same time.
make_deployments() {
  local version=''
  for model in "${models[@]}"; do
    if is_deployed "$model"; then
      say "deployment $model: already exists"
      continue
    fi
    if [ "$what_if" = no ]; then
      # A model can be listed more than once. Azure marks the version that it recommends.
      version=$(value_of "$arm$account_id/models?api-version=$FOUNDRY_API" \
        "value[?format=='Anthropic' && name=='$model' && isDefaultVersion].version | [0]")
      [ -n "$version" ] || fail "Azure offers no Claude model \"$model\" in $location"
    fi
    change "deploy $model${version:+ version $version} (GlobalStandard, capacity $capacity), accepting its terms for $organization" \
      put "$(deployment_url "$model")" \
      "{\"sku\":{\"name\":\"GlobalStandard\",\"capacity\":$capacity},\"properties\":{\"model\":{\"format\":\"Anthropic\",\"name\":\"$model\",\"version\":\"$version\"},\"modelProviderData\":{\"organizationName\":$(json_string "$organization"),\"industry\":\"$industry\",\"countryCode\":\"$country\"}}}"
    wait_for "$(deployment_url "$model")"
  done
}

# `service_id` and `scope_id`: Azure Cognitive Services in this tenant and its permission user_impersonation.
find_permission() {
  local principals=$graph/servicePrincipals filter="\$filter=appId eq '$COGNITIVE_SERVICES'"
  service_id=$(value_of "$principals" 'value[0].id' "$filter")
  if [ -z "$service_id" ]; then
    change 'add Azure Cognitive Services to the tenant' post "$principals" "{\"appId\":\"$COGNITIVE_SERVICES\"}"
    [ "$what_if" = no ] || return 0
    service_id=$(value_of "$principals" 'value[0].id' "$filter")
  fi
  scope_id=$(value_of "$principals" "value[0].oauth2PermissionScopes[?value=='user_impersonation'].id | [0]" "$filter")
  [ -n "$scope_id" ] || fail 'Azure Cognitive Services has no permission user_impersonation in this tenant'
}

make_application() {
  local ids poll flows='' body=''
  if [ "$applications" -eq 0 ]; then
    if needs_flows; then flows=', public client flows' body="\"isFallbackPublicClient\":true,"; fi
    change "create app registration \"$app_name\" (redirect URI $REDIRECT_URI$flows)" post "$graph/applications" \
      "{\"displayName\":$(json_string "$app_name"),\"signInAudience\":\"AzureADMyOrg\",$body\"publicClient\":{\"redirectUris\":[\"$REDIRECT_URI\"]},\"requiredResourceAccess\":[{\"resourceAppId\":\"$COGNITIVE_SERVICES\",\"resourceAccess\":[{\"id\":\"${scope_id:-}\",\"type\":\"Scope\"}]}]}"
    client_id=''
    if [ "$what_if" = yes ]; then
      plan_broker
      return
    fi
  fi
  for ((poll = 0; poll < 12; poll += 1)); do
    ids=$(value_of "$graph/applications" "value[].join(' ', [appId, id]) | [0]" "$app_filter")
    read -r client_id object_id <<<"$ids"
    if [ -n "$object_id" ]; then break; fi
    sleep "$POLL_SECONDS"
  done
  [ -n "$object_id" ] || fail "the new app registration \"$app_name\" isn't visible yet; run setup.sh again in a minute"
  # A broker's redirect URI has the client ID, which only an existing registration has.
  if [ "$applications" -eq 1 ] || has_method broker; then complete_application; fi
}

# What --what-if says about a registration that doesn't exist.
plan_broker() {
  if ! has_method broker; then return; fi
  change "add to app registration \"$app_name\": redirect URI $WINDOWS_BROKER_URI/CLIENT-ID, redirect URI $LINUX_BROKER_URI" \
    patch "$graph/applications" ''
}

# Adds what an app registration lacks. Never removes anything.
complete_application() {
  local url="$graph/applications/$object_id" body='' missing='' own others found
  found=$(value_of "$url" "to_string(isFallbackPublicClient)")
  if needs_flows; then
    if [ "$found" != true ]; then body+=",\"isFallbackPublicClient\":true" missing+=', public client flows'; fi
  elif [ "$found" = true ]; then
    say "app registration \"$app_name\": public client flows stay on; sign-in in the browser doesn't need them"
  fi
  complete_redirect_uris "$(json_of "$url" 'publicClient.redirectUris || `[]`')"
  own="requiredResourceAccess[?resourceAppId=='$COGNITIVE_SERVICES'].resourceAccess[]"
  found=$(json_of "$url" "$own")
  if [ -n "${scope_id:-}" ] && [[ $found != *"$scope_id"* ]]; then
    others=$(json_of "$url" "requiredResourceAccess[?resourceAppId!='$COGNITIVE_SERVICES']")
    own=$(joined "$found" "[{\"id\":\"$scope_id\",\"type\":\"Scope\"}]")
    body+=",\"requiredResourceAccess\":$(joined "$others" "[{\"resourceAppId\":\"$COGNITIVE_SERVICES\",\"resourceAccess\":$own}]")"
    missing+=', permission user_impersonation'
  fi
  missing=${missing#, }
  if [ -z "$body" ]; then
    say "app registration \"$app_name\": already exists"
    return
  fi
  change_soon "add to app registration \"$app_name\": $missing" patch "$url" "{${body#,}}"
}

# Adds the redirect URIs that the list (JSON) lacks to `body` and `missing` of complete_application.
complete_redirect_uris() {
  local all=$1 uri
  local wanted=("$REDIRECT_URI")
  if has_method broker; then wanted+=("$WINDOWS_BROKER_URI/$client_id" "$LINUX_BROKER_URI"); fi
  for uri in "${wanted[@]}"; do
    if [[ $all == *"\"$uri\""* ]]; then continue; fi
    all=$(joined "$all" "[\"$uri\"]")
    missing+=", redirect URI $uri"
  done
  if [ "$all" != "$1" ]; then body+=",\"publicClient\":{\"redirectUris\":$all}"; fi
}

make_principal() {
  local filter="\$filter=appId eq '$client_id'"
  principal_id=''
  if [ -n "$client_id" ]; then principal_id=$(value_of "$graph/servicePrincipals" 'value[0].id' "$filter"); fi
  if [ -n "$principal_id" ]; then
    say 'service principal: already exists'
    return
  fi
  change_soon 'create its service principal' post "$graph/servicePrincipals" "{\"appId\":\"$client_id\"}"
  [ "$what_if" = no ] || return 0
  principal_id=$(value_of "$graph/servicePrincipals" 'value[0].id' "$filter")
}

consent() {
  local grants=$graph/oauth2PermissionGrants found='' grant scope
  if [ "$admin_consent" = no ]; then
    say 'admin consent: not requested (--admin-consent)'
    return
  fi
  if [ -n "$principal_id" ]; then
    found=$(value_of "$grants" \
      "value[?resourceId=='$service_id' && consentType=='AllPrincipals'].join(' ', [id, scope]) | [0]" \
      "\$filter=clientId eq '$principal_id'")
  fi
  read -r grant scope <<<"$found"
  if [[ " ${scope:-} " == *' user_impersonation '* ]]; then
    say 'admin consent: already granted'
  elif [ -n "${grant:-}" ]; then
    change 'grant admin consent for user_impersonation' patch "$grants/$grant" \
      "{\"scope\":$(json_string "${scope:+$scope }user_impersonation")}"
  else
    change 'grant admin consent for user_impersonation' post "$grants" \
      "{\"clientId\":\"$principal_id\",\"consentType\":\"AllPrincipals\",\"resourceId\":\"${service_id:-}\",\"scope\":\"user_impersonation\"}"
  fi
}

assign_roles() {
  local index
  for ((index = 0; index < ${#groups[@]}; index += 1)); do assign_role Group "${groups[$index]}" "${group_ids[$index]}"; done
  for ((index = 0; index < ${#users[@]}; index += 1)); do assign_role User "${users[$index]}" "${user_ids[$index]}"; done
}

# Lets a user or group use the models: `Group` or `User`, name, object ID.
assign_role() {
  local type=$1 name=$2 principal=$3 assignments="$arm$account_id/providers/Microsoft.Authorization/roleAssignments" count=0
  if [ "$account" = yes ] || [ "$what_if" = no ]; then
    count=$(value_of "$assignments?api-version=2022-04-01" \
      "length(value[?ends_with(properties.roleDefinitionId, '$ROLE')])" \
      "\$filter=atScope() and assignedTo('$principal')")
  fi
  if [ "$count" != 0 ]; then
    say "role Cognitive Services User for $name: already assigned"
    return
  fi
  change "assign the role Cognitive Services User on $resource to $name" put \
    "$assignments/$(uuid_of "$account_id/$principal/$ROLE")?api-version=2022-04-01" \
    "{\"properties\":{\"roleDefinitionId\":\"/subscriptions/$subscription_id/providers/Microsoft.Authorization/roleDefinitions/$ROLE\",\"principalId\":\"$principal\",\"principalType\":\"$type\"}}"
}

print_configuration() {
  local list=''
  if [ "$what_if" = yes ]; then
    say "nothing was changed; changes to make: $changes"
    return
  fi
  if [ "$changes" -eq 0 ]; then say 'everything already exists; nothing was changed'; fi
  for model in "${models[@]}"; do list+=", \"$model\""; done
  printf '{\n  "tenantId": "%s",\n  "clientId": "%s",\n  "foundryResource": "%s",\n  "models": [%s],\n  "signInMethod": "%s"' \
    "$tenant_id" "$client_id" "$resource" "${list#, }" "${methods[0]}"
  if [ -n "$organization" ]; then printf ',\n  "organizationName": %s' "$(json_string "$organization")"; fi
  printf '\n}\n'
  say 'Done. Save this output as answers.json for "foundry-credential-helper config export FOLDER --answers answers.json", or as config.json to use it on one computer.'
}

parse_arguments "$@"
command -v az >/dev/null || fail 'the Azure CLI is missing: https://aka.ms/azure-cli'
find_account
look
check_provider_data
find_people
find_application
find_permission
make_group
make_account
make_deployments
make_application
make_principal
consent
assign_roles
print_configuration
