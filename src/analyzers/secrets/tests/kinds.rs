//! Secrets by kind, each with the code around it. Every key is put together at run time from a fixed
//! sequence, so that no scanner barks at this file.

/// Letters drawn by a fixed lot: 64-bit steps after G. Marsaglia's xorshift.
pub struct Lot(pub u64);

impl Lot {
    pub fn draw(&mut self, alphabet: &str, length: usize) -> String {
        let letters: Vec<char> = alphabet.chars().collect();
        let mut next = || {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            letters[usize::try_from(self.0 >> 33).unwrap() % letters.len()]
        };
        (0..length).map(|_| next()).collect()
    }
}

pub const HEX: &str = "0123456789abcdef";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz0123456789";
const LETTER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
pub const WORD: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const SIGNS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#%+-.?@^_~";

/// The beginning of a key, in parts; the letters that are drawn, and how many; what is around: `@`
/// is the key, which stands in the third line.
pub type Kind = (&'static [&'static str], &'static str, usize, &'static str);

/// Keys that have a form of their own.
#[rustfmt::skip]
pub const OF_A_FORM: &[Kind] = &[
    (&["AK", "IA"], UPPER, 16, "let id = \"@\";"),
    (&["AS", "IA"], UPPER, 16, "id: @"),
    (&["gh", "p_"], WORD, 36, "fetch(\"@\")"),
    (&["github", "_pat_11ABCDEFG0qL5r8mW2xY7z_"], WORD, 59, "x(\"@\")"),
    (&["gl", "pat-"], WORD, 20, "curl -H 'PRIVATE-TOKEN: @'"),
    (&["xo", "xb-4829103847-5639201847-"], WORD, 24, "slack(\"@\")"),
    (&["sk", "_live_"], WORD, 24, "stripe.key(\"@\")"),
    (&["AI", "za"], WORD, 35, "maps?key=@&v=3"),
    (&["sk", "-proj-"], WORD, 48, "OpenAI(\"@\")"),
    (&["sk", "-ant-api03-"], WORD, 95, "x = '@'"),
    (&["xa", "i-"], WORD, 80, "export KEY=@"),
    (&["gs", "k_"], WORD, 52, "Groq('@')"),
    (&["npm", "_"], WORD, 36, "//registry/:_auth=@"),
    (&["pypi", "-AgEIcHlwaS5vcmc"], WORD, 70, "twine('@')"),
    (&["SG.", "aB3dE5fG7hI9jK1lM3nO5p."], WORD, 43, "mail(\"@\")"),
    (&["S", "K"], HEX, 32, "twilio(\"@\")"),
    (&["do", "p_v1_"], HEX, 64, "doctl(\"@\")"),
    (&["hv", "s."], WORD, 24, "vault(\"@\")"),
    (&["hf", "_"], LETTER, 34, "login('@')"),
    (&["eyJhbGciOiJIUzI1NiJ9.", "eyJzdWIiOiIxMjM0NTY3ODkwIn0."], WORD, 43, "auth(\"@\")"),
    (&["aB3", "8Q", "~"], WORD, 34, "var s = \"@\";"),
    (&["ATAT", "T3"], WORD, 186, "jira('@')"),
    (&["dp.", "pt."], WORD, 43, "doppler @"),
    (&["PMA", "K-1f2e3d4c5b6a798081726354-"], HEX, 34, "postman(\"@\")"),
    (&["sha", "256~"], WORD, 43, "oc login --token=@"),
    (&["pul", "-"], HEX, 40, "pulumi: @"),
    (&["LT", "AI"], WORD, 20, "oss('@')"),
    (&["xkey", "sib-"], HEX, 64, "brevo(\"@-aB3dE5fG7hI9jK1l\")"),
    (&["gl", "rt-"], WORD, 20, "runner: @"),
    (&["nv", "api-"], WORD, 64, "nim('@')"),
    (&["4829103847:", "AA"], WORD, 33, "bot(\"@\")"),
    (&["4829103847:", "AA"], WORD, 33, "https://api.telegram.org/bot@/x"),
];

/// Keys that are told by what stands around them.
#[rustfmt::skip]
pub const IN_SURROUNDINGS: &[Kind] = &[
    // Addresses.
    (&[""], WORD, 12, "connect(\"postgres://app:@@db.internal.net/app\")"),
    (&[""], WORD, 16, "git clone https://ci:@@git.service.io/x.git"),
    (&[""], WORD, 16, "redis://:@@cache:6379/0"),
    (&[""], WORD, 40, "https://@:x-oauth-basic@git.service.io/x.git"),
    (&[""], WORD, 16, "jdbc:oracle:thin:app/@@db.internal.net:1521/x"),
    (&[""], WORD, 24, "post(\"https://hooks.slack.com/services/T0A1B2C3D/B4E5F6G7H/@\")"),
    (&[""], WORD, 68, "https://discord.com/api/webhooks/482910384756392018/@"),
    (&[""], BASE64, 86, "\"DefaultEndpointsProtocol=https;AccountKey=@==\""),
    (&[""], BASE64, 43, "https://a.blob.core.windows.net/c?sv=2024&sig=@="),
    (&[""], WORD, 20, "otpauth://totp/x?issuer=y&secret=@"),
    (&[""], WORD, 16, "jdbc:mysql://db:3306/x?user=app&password=@"),
    (&[""], WORD, 16, "open(\"Server=db;User=app;Password=@;Encrypt=1\")"),
    // Headers.
    (&[""], WORD, 32, "curl -H 'Authorization: Bearer @' https://x.y"),
    (&[""], BASE64, 28, "headers[\"Authorization\"] = \"Basic @\""),
    (&[""], WORD, 32, "X-Api-Key: @"),
    (&[""], WORD, 32, "\"X-Auth-Token\": \"@\","),
    // Commands.
    (&[""], WORD, 16, "curl -u admin:@ https://x.y"),
    (&[""], WORD, 16, "curl --user \"admin:@\" https://x.y"),
    (&[""], WORD, 16, "http --auth admin:@ x.y"),
    (&[""], WORD, 24, "kubectl create secret generic x --from-literal=y=@"),
    (&[""], WORD, 16, "mysql -h db -u root -p@ shop"),
    (&[""], WORD, 16, "sshpass -p '@' ssh root@db"),
    (&[""], WORD, 16, "docker login -u ci -p @ registry.service.io"),
    (&[""], WORD, 20, "tool --api-key @ --verbose"),
    (&[""], WORD, 20, "tool --password=@"),
    (&[""], WORD, 24, "export X_TOKEN=@"),
    (&[""], WORD, 24, "ENV API_TOKEN @"),
    (&[""], WORD, 24, "setx DEPLOY_KEY \"@\""),
    (&[""], WORD, 16, "ALTER USER app IDENTIFIED BY '@';"),
    (&[""], WORD, 16, "CREATE ROLE app LOGIN PASSWORD '@';"),
    // Files of programs.
    (&[""], WORD, 24, "DATABASE_PASSWORD=@"),
    (&[""], SIGNS, 20, "DATABASE_PASSWORD=@"),
    (&[""], WORD, 24, "SECRET_KEY_BASE=@"),
    (&[""], WORD, 16, "password: @"),
    (&[""], WORD, 20, "  token: @  # of the robot"),
    (&[""], WORD, 20, "  password: |\n    @"),
    (&[""], BASE64, 40, "# aws_secret_access_key = @"),
    (&[""], BASE64, 40, "aws_secret_access_key=@"),
    (&[""], BASE64, 40, "AWS_SECRET_ACCESS_KEY: '@'"),
    (&[""], BASE64, 40, "robot,AK\u{49}AQRSTUVWXYZ234567,@"),
    (&[""], WORD, 16, "db.internal.net:5432:shop:app:@"),
    (&[""], WORD, 16, "// db.internal.net:5432:shop:app:@"),
    (&[""], WORD, 16, "# ENV API_TOKEN @"),
    (&[""], WORD, 16, "machine x.y login me password @"),
    (&[""], WORD, 16, "requirepass @"),
    (&[""], WORD, 20, "\t\"auth\": \"@\","),
    (&[""], WORD, 36, "//registry.service.io/:_authToken=@"),
    (&[""], BASE64, 24, "_auth = @"),
    (&["LS0tLS1CRUdJTiBSU0EgUFJJVkFU", "RSBLRVktLS0tLQo"], BASE64, 400, "    client-key-data: @"),
    (&["LS0tLS1CRUdJTiBQUklWQVRF", "IEtFWS0tLS0tCg"], BASE64, 400, "KEY_B64=@"),
    (&["MIIEvQIBADANBgkqhkiG", "9w0BAQEFAASC"], BASE64, 600, "key = \"@\""),
    (&[""], WORD, 16, "spring.datasource.password=@"),
    (&[""], WORD, 16, "<password>@</password>"),
    (&[""], WORD, 16, "<add key=\"ApiSecret\" value=\"@\"/>"),
    (&[""], WORD, 16, "<property name=\"password\" value=\"@\"/>"),
    (&[""], WORD, 24, "{\"name\": \"API_TOKEN\", \"value\": \"@\"}"),
    (&[""], WORD, 24, "- name: API_TOKEN\n  value: @"),
    (&[""], BASE64, 43, "PrivateKey = @="),
    (&[""], BASE64, 43, "APP_KEY=base64:@="),
    (&[""], WORD, 24, "API_KEY=robot1:@"),
    (&[""], WORD, 24, "<key>ApiToken</key>\n<string>@</string>"),
    (&[""], WORD, 20, "| token | @ |"),
    (&[""], WORD, 20, "set -gx API_TOKEN @"),
    (&[""], BASE64, 342, "<D>@==</D>"),
    (&[""], WORD, 16, "define('DB_PASSWORD', '@');"),
    (&[""], WORD, 20, "'secret' => '@',"),
    (&[""], WORD, 43, "{\"kty\":\"EC\",\"crv\":\"P-256\",\"d\":\"@\"}"),
    // Code.
    (&[""], WORD, 40, "const AWS_SECRET_ACCESS_KEY: &str = \"@\";"),
    (&[""], WORD, 20, "password = \"@\""),
    (&[""], SIGNS, 20, "password = \"@\""),
    (&[""], LETTER, 24, "api_token = \"@\""),
    (&[""], LOWER, 20, "client_secret = '@'"),
    (&[""], HEX, 32, "\"api_key\": \"@\","),
    (&[""], HEX, 64, "PRIVATE_KEY = \"0x@\""),
    (&[""], WORD, 20, "{\"secret\": \"@\"}"),
    (&[""], WORD, 20, "x = '{\\\"secret\\\": \\\"@\\\"}'"),
    (&[""], WORD, 24, "secret = \"@\""),
    (&[""], WORD, 20, "HTTPBasicAuth('admin','@')"),
    (&[""], WORD, 20, "requests.get(url, auth=(\"admin\", \"@\"))"),
    (&[""], WORD, 20, ".basic_auth(\"admin\", Some(\"@\"))"),
    (&[""], HEX, 64, "signing_key = bytes.fromhex(\"@\")"),
    (&[""], HEX, 64, "let master_key = hex::decode(\"@\")?;"),
    (&[""], WORD, 20, "#define API_TOKEN \"@\""),
    (&[""], WORD, 20, "os.environ.get(\"API_TOKEN\", \"@\")"),
    (&[""], WORD, 20, "client.setPassword(\"@\");"),
    (&[""], WORD, 20, "private static final String SECRET = \"@\";"),
    (&[""], WORD, 20, "let token: Option<String> = Some(\"@\".into());"),
    (&[""], WORD, 24, "license_key: @"),
    (&[""], WORD, 24, "algolia_admin_key = '@'"),
    (&[""], WORD, 24, "NEXT_PUBLIC_STRIPE_SECRET_KEY=@"),
    (&[""], WORD, 24, "URL_SIGNING_SECRET=@"),
    (&[""], WORD, 16, "// pw: @"),
    (&[""], WORD, 16, "// the password is @"),
    (&[""], WORD, 16, "if (input && password === \"@\") {"),
    (&[""], WORD, 16, "if (\"@\" == password) {"),
    (&[""], WORD, 16, "return password.equals(\"@\");"),
    (&[""], WORD, 16, "var dbPassword string = \"@\""),
    (&[""], WORD, 16, "char password[] = \"@\";"),
    (&[""], WORD, 16, "std::string password{\"@\"};"),
    (&[""], WORD, 16, "$Password = ConvertTo-SecureString \"@\" -AsPlainText"),
    (&[""], WORD, 20, "\"tokens\": [\"@\"],"),
    (&[""], "abcdefghijklmnopqrstuvwxyz0123456789!@#$%^&*(-_=+)", 50, "SECRET_KEY = '@'"),
];

/// Private keys of many lines: what stands before each line, and after. `@` is the key.
#[rustfmt::skip]
pub const OF_LINES: &[(&[&str], &str, &str)] = &[
    (&["-----BEGIN RSA PRIV", "ATE KEY-----\n@\n-----END RSA"], "", "\n"),
    (&["-----BEGIN PRIV", "ATE KEY-----\r\n@\r\n-----END"], "", "\r\n"),
    (&["-----BEGIN EC PRIV", "ATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0A1B\n\n@\n"], "", "\n"),
    (&["-----BEGIN PGP PRIV", "ATE KEY BLOCK-----\nVersion: GnuPG v1\n\n@\n"], "", "\n"),
    (&["{\"key\": \"-----BEGIN OPENSSH PRIV", "ATE KEY-----\\n@\\n-----END\"}"], "", "\\n"),
    (&["  key: |\n    -----BEGIN PRIV", "ATE KEY-----\n@\n    -----END"], "    ", "\n"),
    (&["pem = (\"-----BEGIN PRIV", "ATE KEY-----\\n\"\n@)"], "    \"", "\\n\"\n"),
    (&["// -----BEGIN PRIV", "ATE KEY-----\n@\n// -----END"], "// ", "\n"),
    (&["PEM=\"-----BEGIN PRIV", "ATE KEY-----@-----END"], "", ""),
    (&["---- BEGIN SSH2 ENCRYPTED PRIV", "ATE KEY ----\nComment: \"x\"\n@---- END"], "", "\n"),
    (&["PuTTY-User-Key-File-2: ssh-rsa\nPublic-Lines: 0\nPriv", "ate-Lines: 3\n@\nPrivate-MAC: 0"], "", "\n"),
];
