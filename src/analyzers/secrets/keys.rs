//! Keys of one word that say by their form what they are. Not those that are told by what stands
//! around them, nor those of many lines.
//!
//! The forms are those that their issuers document and that gitleaks' rules collect (MIT,
//! docs/notices.md).

use std::ops::Range;

use super::randomness::is_placeholder;
use super::{Match, Rule};

/// One pattern for all: what begins like no key ends after a byte or two.
pub fn rule() -> Rule {
    let keys = KEYS.join("|");
    // Not in the middle of a longer word: there it is a coincidence in a hash.
    let bounded = format!("(?-u)(?:^|[^A-Za-z0-9_-])(?:{keys})(?:[^A-Za-z0-9_-]|$)");
    Rule::new(&bounded, judge)
}

/// The match has a byte around the key at either side, but for the ends of a text.
fn judge(found_at: &Match<'_>, found: &mut Vec<Range<usize>>) -> usize {
    let of_key = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-=".contains(byte);
    let whole = found_at.bytes(found_at.start..found_at.end);
    let start = found_at.start + usize::from(!whole.first().is_some_and(of_key));
    let end = found_at.end - usize::from(!whole.last().is_some_and(of_key));
    if !is_placeholder(found_at.bytes(start..end)) {
        found.push(start..end);
    }
    // The byte after it may be the one before the next.
    end
}

/// Lengths have a bound, so that what is read for one key is never more than that.
pub const KEYS: &[&str] = &[
    // Amazon.
    "(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}",
    "ABSK[A-Za-z0-9+/]{109,269}={0,2}",
    // Google.
    "AIza[0-9A-Za-z_-]{35}",
    "GOCSPX-[A-Za-z0-9_-]{28}",
    r"ya29\.[A-Za-z0-9_-]{30,400}",
    // Microsoft.
    r"[A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}",
    "[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}",
    // Other clouds: Alibaba, Tencent, DigitalOcean, Heroku, Fly, Render, Cloudflare, Yandex, Scalingo.
    "LTAI[A-Za-z0-9]{20}",
    "AKID[A-Za-z0-9]{32}",
    "do[opr]_v1_[0-9a-f]{64}",
    "HRKU-[A-Za-z0-9_-]{36,100}",
    "fo1_[A-Za-z0-9_-]{43}",
    "fm[12][ar]?_[A-Za-z0-9+/]{100,600}={0,3}",
    "rnd_[A-Za-z0-9]{32}",
    r"v1\.0-[a-f0-9]{24}-[a-f0-9]{146}",
    "AQVN[A-Za-z0-9_-]{35,38}",
    "tk-us-[A-Za-z0-9_-]{48}",
    // Forges: GitHub, GitLab, Bitbucket, Atlassian, Sourcegraph, Gitea's act.
    "gh[pousr]_[A-Za-z0-9]{36,251}",
    "github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}",
    "gl(?:pat|dt|rt|ptt|ft|soat|cbt|agent|oas|imt|ffct)-[A-Za-z0-9_=.-]{20,320}",
    "GR1348941[A-Za-z0-9_-]{20}",
    "ATBB[A-Za-z0-9]{24}[A-F0-9]{8}",
    "ATATT3[A-Za-z0-9_=-]{180,220}",
    "ATCTT3[A-Za-z0-9_=-]{180,220}",
    "sgp_(?:(?:[a-fA-F0-9]{16}|local)_)?[a-fA-F0-9]{40}",
    // Chat: Slack, Telegram, Discord, Mattermost's and Teams' have no form.
    "xox[abeoprs]-[0-9A-Za-z-]{20,250}",
    r"xoxe\.xox[bp]-[0-9]-[A-Z0-9]{163,166}",
    "xapp-[0-9]-[A-Z0-9]{5,20}-[0-9]{5,20}-[a-z0-9]{20,100}",
    "(?:bot)?[0-9]{8,10}:AA[A-Za-z0-9_-]{33}",
    r"[MNO][A-Za-z0-9_-]{23,25}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,38}",
    // Money: Stripe, Square, Shopify, PayPal's Braintree, Plaid, Flutterwave, Razorpay, Duffel.
    "[sr]k_(?:live|test|prod)_[0-9A-Za-z]{16,247}",
    "whsec_[A-Za-z0-9+/=]{32,80}",
    "(?:EAAA|sq0csp-|sq0atp-)[0-9A-Za-z_-]{22,60}",
    "shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",
    r"access_token\$production\$[0-9a-z]{16}\$[0-9a-f]{32}",
    "access-(?:sandbox|development|production)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "FLWSECK_TEST-[A-Ha-h0-9]{12}",
    "FLWSECK(?:_TEST)?-[A-Ha-h0-9]{32}-X",
    "rzp_(?:live|test)_[A-Za-z0-9]{14,24}",
    "duffel_(?:test|live)_[A-Za-z0-9_=-]{43}",
    "EZ[AT]K[A-Za-z0-9]{54}",
    "shippo_(?:live|test)_[a-fA-F0-9]{40}",
    // Language models: OpenAI and those that spell keys like it, Anthropic, OpenRouter, xAI, Groq,
    // Hugging Face, Replicate, Perplexity, Cerebras, NVIDIA, Tavily, LangSmith.
    "sk-(?:proj|svcacct|admin|ant|or|lf)-[A-Za-z0-9_-]{20,300}",
    "sk-[A-Za-z0-9]{32,100}",
    "xai-[A-Za-z0-9]{40,120}",
    "gsk_[A-Za-z0-9]{40,80}",
    "(?:hf|api_org)_[A-Za-z]{34}",
    "r8_[A-Za-z0-9]{37}",
    "pplx-[A-Za-z0-9]{40,80}",
    "csk-[a-z0-9]{40,60}",
    "nvapi-[A-Za-z0-9_-]{60,70}",
    "tvly-[A-Za-z0-9-]{32,50}",
    "lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}",
    // Registries of packages and images.
    "npm_[A-Za-z0-9]{36}",
    "pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,300}",
    "cio[A-Za-z0-9]{32}",
    "rubygems_[0-9a-f]{48}",
    "dckr_(?:pat|oat)_[A-Za-z0-9_-]{27,40}",
    "oy2[a-z0-9]{43}",
    "CLOJARS_[A-Za-z0-9]{60}",
    "AKCp[A-Za-z0-9]{69}",
    "cmVmd[A-Za-z0-9]{59}",
    // Mail and messages: SendGrid, Twilio, Mailgun, Mailchimp, Brevo, Resend, Postman.
    r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}",
    "SK[0-9a-f]{32}",
    "key-[0-9a-f]{32}",
    "[0-9a-f]{32}-us[0-9]{1,2}",
    "xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}",
    "xsmtpsib-[a-f0-9]{64}-[A-Za-z0-9]{16}",
    "re_[A-Za-z0-9]{8}_[A-Za-z0-9]{20,30}",
    // Infrastructure: Vault, Terraform, Pulumi, Doppler, Databricks, PlanetScale, Kubernetes, Harness.
    r"hv[sbr]\.[A-Za-z0-9_-]{24,300}",
    r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,70}",
    "pul-[a-f0-9]{40}",
    r"dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}",
    "dapi[0-9a-f]{32}(?:-[0-9])?",
    r"pscale_(?:tkn|oauth|pw)_[A-Za-z0-9=._-]{32,64}",
    "sha256~[A-Za-z0-9_-]{43}",
    r"[ps]at\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{20}",
    "API-[A-Z0-9]{26}",
    "tskey-[a-z]{3,10}-[A-Za-z0-9]{8,40}-[A-Za-z0-9]{20,60}",
    "nfp_[A-Za-z0-9]{36}",
    "vercel_[A-Za-z0-9]{24,40}",
    "sbp_[0-9a-f]{40}",
    "sb_secret_[A-Za-z0-9_-]{20,60}",
    r"ops_eyJ[A-Za-z0-9+/]{250,900}={0,3}",
    "A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}",
    // What is measured: Grafana, New Relic, Sentry, Dynatrace, PostHog, Datadog's have no form.
    "gl(?:c|sa)_[A-Za-z0-9+/=_]{32,400}",
    "eyJrIjoi[A-Za-z0-9]{70,400}={0,3}",
    "NRAK-[A-Z0-9]{27}",
    "NRII-[A-Za-z0-9-]{32}",
    "sntry[su]_[A-Za-z0-9+/=_-]{40,400}",
    r"dt0c01\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{64}",
    "ph[cx]_[A-Za-z0-9]{40,50}",
    // Tools: Linear, Notion, Airtable, Figma, Postman, Asana, Contentful, Typeform, ReadMe, Prefect.
    "lin_(?:api|oauth)_[A-Za-z0-9]{40,64}",
    "(?:ntn|secret)_[A-Za-z0-9]{40,50}",
    r"pat[A-Za-z0-9]{14}\.[a-f0-9]{64}",
    "fig[dour]_[A-Za-z0-9_-]{40,60}",
    "PMAK-[a-fA-F0-9]{24}-[a-fA-F0-9]{34}",
    "CFPAT-[A-Za-z0-9_-]{43}",
    r"tfp_[A-Za-z0-9_.=-]{40,60}",
    "rdme_[a-z0-9]{70}",
    "pnu_[A-Za-z0-9]{36}",
    "fio-u-[A-Za-z0-9_=-]{64}",
    "sm_[aps]at_[A-Za-z0-9]{16}",
    "p8e-[A-Za-z0-9]{32}",
    "[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk",
    "sq[apu]_[a-f0-9]{40}",
    "pk_[0-9]{6,12}_[A-Z0-9]{32}",
    "EAA[A-Za-z0-9]{90,300}",
    // Keys of ciphers and coins.
    "AGE-SECRET-KEY-1[0-9A-Z]{58}",
    "[xyzt]prv[1-9A-HJ-NP-Za-km-z]{107,108}",
];
