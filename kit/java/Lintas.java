// Klien Lintas dalam satu berkas / a client of Lintas in one file. Needs a JDK 17 and nothing else; javac makes it faster.
//
//   java Lintas.java get PATH                          read: /me, /referrals?status=open, /casefiles/ID
//   java Lintas.java send PATH BODY.json [VERSION]     write: /documents, /findings; an intention, done once
//   java Lintas.java act CASEFILE TRANSITION BODY.json read the casefile, then perform the transition on that version
//   java Lintas.java resume                            send again what a crash or a dead line has left open
//   java Lintas.java follow [SECONDS]                  new events, one a line; waits so long (30 at most) for the first
//   java Lintas.java webhook HEADERS BODY              verify a message that came, print it once
//   java Lintas.java receipt RECEIPT.json              verify a receipt, print what it promises
//   java Lintas.java token | assertion CLIENT_ID KID KEY.pem ISSUER | sign METHOD URL BODY KID KEY.pem 'Name: value'…
//
// LINTAS_BASE, LINTAS_CLIENT_ID, LINTAS_KID, LINTAS_KEY (PEM file); LINTAS_STATE (a folder of this client alone; default
// ./lintas-state). May be set: LINTAS_ISSUER (where LINTAS_BASE is a gateway), LINTAS_SIGN=1, LINTAS_LANGUAGE=en,
// LINTAS_WEBHOOK_SECRET, LINTAS_CLOCK_OFFSET (seconds to add to this machine's clock).
// Exit code: 0 done, 1 usage, 2 not genuine or a gap in the feed, 3 refused, 4 no answer yet (`resume` goes on).
//
// In a program: Lintas lintas = new Lintas(System.getenv());
//   String answer = lintas.send("/findings", body, "", taken -> {});   throws Refused, NoAnswer, NotGenuine, Misused

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.math.BigInteger;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class Lintas {
    // --- begin assertion
    static long now() {
        String offset = System.getenv("LINTAS_CLOCK_OFFSET");
        return System.currentTimeMillis() / 1000 + (offset == null ? 0 : Long.parseLong(offset));
    }

    // "inP1363Format" is r and s alone, 64 bytes; SHA256withECDSA writes DER.
    static byte[] ecdsa(String signed, String keyFile) throws GeneralSecurityException, IOException {
        String pem = Files.readString(Path.of(keyFile));
        byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
        Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
        try {
            signature.initSign(KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der)));
        } catch (GeneralSecurityException why) {
            throw new Misused(keyFile + " bukan kunci privat P-256 dalam PEM (PKCS #8: openssl pkcs8 -topk8 -nocrypt).",
                keyFile + " is no private P-256 key in PEM (PKCS #8).");
        }
        signature.update(signed.getBytes(UTF_8));
        return signature.sign();
    }

    /** A client assertion (RFC 7523, ES256) for one token. */
    static String assertion(String clientId, String kid, String keyFile, String issuer)
            throws GeneralSecurityException, IOException {
        Base64.Encoder base64url = Base64.getUrlEncoder().withoutPadding();
        String header = "{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"%s\"}".formatted(kid);
        String claims = "{\"iss\":\"%1$s\",\"sub\":\"%1$s\",\"aud\":\"%2$s\",\"iat\":%3$d,\"exp\":%4$d,\"jti\":\"%5$s\"}"
            .formatted(clientId, issuer, now(), now() + 60, UUID.randomUUID());
        String signed = base64url.encodeToString(header.getBytes(UTF_8))
            + "." + base64url.encodeToString(claims.getBytes(UTF_8));
        return signed + "." + base64url.encodeToString(ecdsa(signed, keyFile));
    }
    // --- end assertion

    // --- begin sign
    /**
     * The headers that sign a request (RFC 9421, ES256), by name; the URL is the register's own, not a gateway's.
     * All of `headers` are covered: Authorization, Idempotency-Key, If-Match.
     */
    static Map<String, String> sign(
            String method, String url, byte[] body, String kid, String keyFile, Map<String, String> headers)
            throws GeneralSecurityException, IOException {
        URI target = URI.create(url);
        Map<String, String> parts = new LinkedHashMap<>();
        parts.put("@method", method);
        parts.put("@authority", target.getRawAuthority());
        parts.put("@path", target.getRawPath());
        if (target.getRawQuery() != null) {
            parts.put("@query", "?" + target.getRawQuery());
        }
        headers.forEach((name, value) -> parts.put(name.toLowerCase(Locale.ROOT), value));
        Map<String, String> added = new LinkedHashMap<>();
        if (body.length > 0) {
            byte[] sum = MessageDigest.getInstance("SHA-256").digest(body);
            added.put("Content-Digest", "sha-256=:" + Base64.getEncoder().encodeToString(sum) + ":");
            parts.put("content-digest", added.get("Content-Digest"));
        }
        String covered = "\"" + String.join("\" \"", parts.keySet()) + "\"";
        String parameters = "(%s);created=%d;keyid=\"%s\";tag=\"lintas-v1\"".formatted(covered, now(), kid);
        StringBuilder base = new StringBuilder();
        parts.forEach((name, value) -> base.append("\"%s\": %s\n".formatted(name, value)));
        base.append("\"@signature-params\": ").append(parameters);
        added.put("Signature-Input", "sig=" + parameters);
        added.put("Signature", "sig=:" + Base64.getEncoder().encodeToString(ecdsa(base.toString(), keyFile)) + ":");
        return added;
    }
    // --- end sign

    /** What went wrong, in Indonesian and English; `exit` is the exit code. */
    static class Trouble extends RuntimeException {
        final int exit;

        Trouble(int exit, String message) {
            super(message);
            this.exit = exit;
        }
    }

    /** The settings are not complete. */
    static class Misused extends Trouble {
        Misused(String indonesian, String english) {
            super(1, indonesian + " / " + english);
        }
    }

    /** A signature, an age or the order of the feed is not what it should be. */
    static class NotGenuine extends Trouble {
        NotGenuine(String indonesian, String english) {
            super(2, indonesian + " / " + english);
        }
    }

    /** Whether it arrived is unknown, or the service is out of breath: the intention is kept for `resume`. */
    static class NoAnswer extends Trouble {
        NoAnswer(String indonesian, String english) {
            super(4, indonesian + " / " + english);
        }
    }

    /** The service refused the intention: nothing has happened. `problem` is what it said (RFC 9457). */
    static class Refused extends Trouble {
        final int status;
        final Map<String, Object> problem;

        Refused(int status, Map<String, Object> problem) {
            super(3, told(status, problem));
            this.status = status;
            this.problem = problem;
        }

        private static String told(int status, Map<String, Object> problem) {
            if (problem.get("code") == null) {
                return status + ": jawaban bukan dari Lintas; adakah gerbang di antaranya?"
                    + " / not an answer of Lintas; a gateway?";
            }
            List<String> lines = new ArrayList<>();
            lines.add("%d %s: %s. %s %s".formatted(status, problem.get("code"), problem.get("title"),
                problem.get("detail"), problem.getOrDefault("did_you_mean", "")).stripTrailing());
            for (Object one : list(problem.get("errors"))) {
                Map<String, Object> error = members(one);
                Object place = error.getOrDefault("pointer", error.getOrDefault("parameter", ""));
                lines.add("  %s %s: %s %s".formatted(place, error.get("code"), error.getOrDefault("detail", ""),
                    error.getOrDefault("did_you_mean", "")).stripTrailing());
            }
            return String.join("\n", lines);
        }
    }

    private static final int ATTEMPTS = 6;
    private static final long PATIENCE_S = 120;

    private record Answer(int status, String text, Long after) {}

    private final Map<String, String> settings;
    private final String base;
    private final String issuer;
    private final Path state;

    /** One system of one agency, calling one register; `settings` by the names of the environment above. */
    public Lintas(Map<String, String> settings) throws IOException {
        // The JDK would send a POST a second time by itself; here that is said, counted and waited for.
        System.setProperty("sun.net.http.retryPost", "false");
        this.settings = settings;
        base = own("LINTAS_BASE").replaceFirst("(/api/v1)?/?$", "");
        issuer = settings.getOrDefault("LINTAS_ISSUER", "").isEmpty() ? base : settings.get("LINTAS_ISSUER");
        state = Path.of(settings.getOrDefault("LINTAS_STATE", "lintas-state"));
        // Windows has no such permissions: there the folder's own rights decide.
        boolean isPosix = state.getFileSystem().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] ownersAlone = isPosix
            ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))}
            : new FileAttribute<?>[0];
        for (String folder : List.of("pending", "receipts", "webhooks")) {
            Files.createDirectories(state.resolve(folder), ownersAlone);
        }
    }

    // -- asking -------------------------------------------------------------------------------------------------------

    /** The text of an answer, as `get("/me")`. Throws Refused, NoAnswer. */
    public String get(String path) throws GeneralSecurityException, IOException {
        return ask("GET", below(path), Map.of(), new byte[0]);
    }

    /** A path below /api/v1, also where it was taken from an `href` or `next` of an answer. */
    private static String below(String path) {
        return path.replaceFirst("^(/api/v1)?/?", "/");
    }

    /** A token, kept for its ten minutes. Throws Refused, NoAnswer. */
    public String token() throws GeneralSecurityException, IOException {
        String client = own("LINTAS_CLIENT_ID"), kid = own("LINTAS_KID"), keyFile = own("LINTAS_KEY");
        String[] kept = read("token").split(" ");
        if (kept.length == 4 && kept[1].equals(client) && kept[2].equals(base)
                && System.currentTimeMillis() / 1000 < Long.parseLong(kept[0])) {
            return kept[3];
        }
        readable(keyFile);
        for (int attempt = 1; ; attempt++) {
            String form = "grant_type=client_credentials&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth"
                + "%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=" + assertion(client, kid, keyFile, issuer);
            Map<String, String> headers = Map.of(
                "Accept-Language", language(), "Content-Type", "application/x-www-form-urlencoded");
            Answer answer = exchange("POST", base + "/oauth/token", headers, form.getBytes(UTF_8));
            if (answer.status == 200) {
                Map<String, Object> bought = members(json(answer.text));
                // Given up half a minute early, so that it does not end on its way.
                long until = System.currentTimeMillis() / 1000 + (Long) bought.get("expires_in") - 30;
                write("token", until + " " + client + " " + base + " " + bought.get("access_token"));
                return (String) bought.get("access_token");
            }
            decideOrWait(answer, attempt);
        }
    }

    /** Ask until there is an answer that decides. Each attempt is signed anew. */
    private String ask(String method, String path, Map<String, String> headers, byte[] body)
            throws GeneralSecurityException, IOException {
        boolean renewed = false;
        for (int attempt = 1; ; attempt++) {
            Map<String, String> covered = new LinkedHashMap<>();
            covered.put("Authorization", "Bearer " + token());
            covered.putAll(headers);
            Map<String, String> sent = new LinkedHashMap<>(covered);
            sent.put("Accept-Language", language());
            if (body.length > 0) {
                sent.put("Content-Type", "application/json");
                if (!settings.getOrDefault("LINTAS_SIGN", "").isEmpty()) {
                    String url = issuer + "/api/v1" + path;
                    sent.putAll(sign(method, url, body, own("LINTAS_KID"), own("LINTAS_KEY"), covered));
                }
            }
            Answer answer = exchange(method, base + "/api/v1" + path, sent, body);
            if (answer.status >= 200 && answer.status < 300) {
                return answer.text;
            }
            if (answer.status == 401 && !renewed && code(answer).startsWith("token-")) {
                renewed = true;
                Files.deleteIfExists(state.resolve("token"));
                continue;
            }
            decideOrWait(answer, attempt);
        }
    }

    private static String code(Answer answer) {
        return String.valueOf(members(json(answer.text)).getOrDefault("code", ""));
    }

    /** Wait as long as the service asks, or longer each time. Throws Refused where another attempt brings nothing else. */
    private void decideOrWait(Answer answer, int attempt) {
        boolean mayPass = answer.status == 0 || answer.status == 429 || answer.status >= 500
            || (answer.status == 409 && code(answer).equals("request-in-progress"));
        if (!mayPass) {
            throw new Refused(answer.status, members(json(answer.text)));
        }
        if (attempt >= ATTEMPTS || (answer.after != null && answer.after > PATIENCE_S)) {
            throw new NoAnswer(
                "Belum ada jawaban dari %s (%d). Maksud tetap tersimpan; ulangi dengan: java Lintas.java resume"
                    .formatted(base, answer.status),
                "No answer from %s yet (%d). The intention is kept; repeat it by: java Lintas.java resume"
                    .formatted(base, answer.status));
        }
        try {
            Thread.sleep(1000 * (answer.after != null ? answer.after : 1L << (attempt - 1)));
        } catch (InterruptedException why) {
            Thread.currentThread().interrupt();
            throw new NoAnswer("Dihentikan; maksud tetap tersimpan.", "Interrupted; the intention is kept.");
        }
    }

    /** One exchange: status (0: no whole answer), text, seconds of Retry-After. */
    private Answer exchange(String method, String url, Map<String, String> headers, byte[] body) {
        try {
            HttpURLConnection line = (HttpURLConnection) URI.create(url).toURL().openConnection();
            line.setRequestMethod(method);
            line.setInstanceFollowRedirects(false);
            line.setConnectTimeout(20_000);
            line.setReadTimeout(60_000);
            headers.forEach(line::setRequestProperty);
            if (body.length > 0) {
                line.setDoOutput(true);
                try (OutputStream out = line.getOutputStream()) {
                    out.write(body);
                }
            }
            int status = line.getResponseCode();
            try (InputStream said = status >= 400 ? line.getErrorStream() : line.getInputStream()) {
                String text = said == null ? "" : new String(said.readAllBytes(), UTF_8);
                String after = line.getHeaderField("Retry-After");
                boolean isSeconds = after != null && after.matches("\\d{1,6}");
                return new Answer(Math.max(status, 0), text, isSeconds ? Long.valueOf(after) : null);
            }
        } catch (IOException why) {
            return new Answer(0, "", null);
        }
    }

    // -- intentions ---------------------------------------------------------------------------------------------------
    // An intention is a file before it is sent: its key, path, If-Match, then the body. It goes once its answer was
    // taken. The same path and body while it lies there are the same intention: a program that crashed may just run again.

    /** Write something once; `taken` gets the answer before the intention goes. Throws Refused, NoAnswer. */
    public String send(String path, String body, String version, Consumer<String> taken)
            throws GeneralSecurityException, IOException {
        path = below(path);
        String file = pending(path, body);
        if (!Files.exists(state.resolve(file))) {
            byte[] key = new byte[16];
            new SecureRandom().nextBytes(key);
            String match = version.isEmpty() ? "" : "\"" + version + "\"";
            write(file, HexFormat.of().formatHex(key) + "\n" + path + "\n" + match + "\n" + body);
        }
        return deliver(file, taken);
    }

    /** Perform a transition on the version that is read now, or that was read when it was begun. */
    public String act(String casefile, String transition, String body, Consumer<String> taken)
            throws GeneralSecurityException, IOException {
        String path = "/casefiles/" + casefile + "/" + transition, version = "";
        if (!Files.exists(state.resolve(pending(path, body)))) {
            version = String.valueOf(members(json(get("/casefiles/" + casefile))).get("version"));
        }
        return send(path, body, version, taken);
    }

    /** Send what was left open; each answer goes to `taken`. Throws the first refusal once all were sent. */
    public void resume(Consumer<String> taken) throws GeneralSecurityException, IOException {
        Refused refused = null;
        List<Path> files;
        try (var listed = Files.list(state.resolve("pending"))) {
            files = listed.sorted().toList();
        }
        for (Path file : files) {
            try {
                deliver("pending/" + file.getFileName(), taken);
            } catch (Refused why) {
                refused = refused == null ? why : refused;
            }
        }
        if (refused != null) {
            throw refused;
        }
    }

    private static String pending(String path, String body) throws GeneralSecurityException {
        byte[] sum = MessageDigest.getInstance("SHA-256").digest((path + "\n" + body).getBytes(UTF_8));
        return "pending/" + HexFormat.of().formatHex(sum);
    }

    private String deliver(String file, Consumer<String> taken) throws GeneralSecurityException, IOException {
        String[] parts = read(file).split("\n", 4);
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Idempotency-Key", parts[0]);
        if (!parts[2].isEmpty()) {
            headers.put("If-Match", parts[2]);
        }
        String answer;
        try {
            answer = ask("POST", parts[1], headers, parts[3].getBytes(UTF_8));
        } catch (Refused why) {
            // The token's refusal (a wrong key, a wrong clock) is not the intention's.
            if (!List.of("invalid-client", "invalid-request").contains(why.problem.getOrDefault("code", ""))) {
                Files.deleteIfExists(state.resolve(file));
            }
            throw why;
        }
        keepReceipts(json(answer));
        taken.accept(answer);
        Files.deleteIfExists(state.resolve(file));
        return answer;
    }

    private void keepReceipts(Object answer) throws IOException {
        for (Object one : list(answer)) {
            keepReceipts(one);
        }
        for (Map.Entry<String, Object> member : members(answer).entrySet()) {
            Object entry = members(member.getValue()).get("entry");
            if (member.getKey().equals("receipt") && entry != null) {
                write("receipts/" + Path.of(entry.toString()).getFileName() + ".json", text(member.getValue()));
            } else {
                keepReceipts(member.getValue());
            }
        }
    }

    // -- the feed -----------------------------------------------------------------------------------------------------

    /**
     * Hand each new event to `taken`, which may see one twice after a crash; none is lost, as `previous` proves.
     * Waits `seconds` (30 at most) for the first. Throws NotGenuine at a gap or a fork.
     */
    public void follow(Consumer<Map<String, Object>> taken, int seconds) throws GeneralSecurityException, IOException {
        String[] kept = read("feed").split(" ");
        Long last = kept.length == 2 ? Long.valueOf(kept[0]) : null;
        Object source = kept.length == 2 ? kept[1] : null;
        for (boolean came = true; came; seconds = 0) {
            String page = get("/events?after=" + (last == null ? -1 : last) + "&wait=" + seconds);
            came = false;
            for (Object one : list(members(json(page)).get("data"))) {
                Map<String, Object> event = members(one);
                Long index = (Long) event.get("logindex");
                if (last != null && index <= last) {
                    continue;
                }
                if (source != null && !source.equals(event.get("source"))) {
                    throw new NotGenuine("Log bercabang: tanyakan kepada operator dari nomor berapa mulai lagi.",
                        "The log was forked: ask the operator from which index to begin again.");
                }
                if (last == null ? event.get("previous") != null : !last.equals(event.get("previous"))) {
                    throw new NotGenuine(
                        "Ada peristiwa yang terlewat sesudah " + last + "; tempat tidak dipindahkan, jalankan lagi.",
                        "Events after " + last + " are missing; the place was not moved, run it again.");
                }
                taken.accept(event);
                came = true;
                last = index;
                source = event.get("source");
                write("feed", last + " " + source);
            }
        }
    }

    // -- what others signed -------------------------------------------------------------------------------------------

    /** Verify a webhook's message; false where it came before. `headers` by names in lower case. Throws NotGenuine. */
    public boolean webhook(Map<String, String> headers, String body, Consumer<String> taken)
            throws GeneralSecurityException, IOException {
        String id = headers.getOrDefault("webhook-id", ""), stamp = headers.getOrDefault("webhook-timestamp", "");
        String kid = headers.getOrDefault("lintas-webhook-key", "");
        if (!id.matches("[0-9A-Za-z_-]{1,64}") || !stamp.matches("\\d{1,12}") || kid.isEmpty()) {
            throw new NotGenuine("Tajuk pesan tidak lengkap.", "Headers of the message are missing.");
        }
        long age = now() - Long.parseLong(stamp);
        if (Math.abs(age) > 300) {
            throw new NotGenuine("Pesan terlalu lama: " + age + " s.", "The message is too old: " + age + " s.");
        }
        byte[] signed = (id + "." + stamp + "." + body).getBytes(UTF_8);
        Mac mac = Mac.getInstance("HmacSHA256");
        byte[] secret = Base64.getDecoder().decode(own("LINTAS_WEBHOOK_SECRET").replaceFirst("^whsec_", ""));
        mac.init(new SecretKeySpec(secret, "HmacSHA256"));
        byte[] shared = mac.doFinal(signed);
        PublicKey key = published(kid, "OKP");
        boolean isShared = false, isPublic = false;
        for (String one : headers.getOrDefault("webhook-signature", "").split(" ")) {
            String[] parts = one.split(",", 2);
            byte[] raw = bytes(Base64.getDecoder(), parts.length == 2 ? parts[1] : "");
            isShared |= parts[0].equals("v1") && MessageDigest.isEqual(raw, shared);
            isPublic |= parts[0].equals("v1a") && raw.length == 64 && holds("Ed25519", key, signed, raw);
        }
        if (!isShared) {
            throw new NotGenuine("Tanda tangan v1 tidak cocok dengan secret.", "Signature v1 does not fit the secret.");
        }
        if (!isPublic) {
            throw new NotGenuine("Tanda tangan v1a tidak cocok.", "Signature v1a does not fit.");
        }
        // A challenge is answered as often as it comes.
        boolean isChallenge = "lintas.webhook.challenge".equals(members(json(body)).get("type"));
        if (!isChallenge && Files.exists(state.resolve("webhooks/" + id))) {
            return false;
        }
        taken.accept(body);
        write("webhooks/" + id, "");
        // What is older is refused for its age; attempts end after four days.
        try (var listed = Files.list(state.resolve("webhooks"))) {
            for (Path old : listed.toList()) {
                if (Files.getLastModifiedTime(old).toMillis() < System.currentTimeMillis() - 5L * 86_400_000) {
                    Files.deleteIfExists(old);
                }
            }
        }
        return true;
    }

    /** What a receipt promises (its JSON), once its signature and its members hold. Throws NotGenuine. */
    public String receipt(String given) throws GeneralSecurityException, IOException {
        Map<String, Object> receipt = members(json(given));
        String[] parts = String.valueOf(receipt.get("jws")).split("\\.");
        Map<String, Object> header = parts.length == 3 ? members(json(decoded(parts[0]))) : Map.of();
        if (!"ES256".equals(header.get("alg")) || !"lintas-receipt+jwt".equals(header.get("typ"))) {
            throw new NotGenuine("Ini bukan tanda terima Lintas.", "This is no receipt of Lintas.");
        }
        byte[] signature = bytes(Base64.getUrlDecoder(), parts[2]);
        if (signature.length != 64) {
            throw new NotGenuine("Tanda tangannya bukan 64 byte (r, s).", "The signature is not 64 bytes (r, s).");
        }
        PublicKey key = published(String.valueOf(header.get("kid")), "EC");
        byte[] signed = (parts[0] + "." + parts[1]).getBytes(UTF_8);
        if (!holds("SHA256withECDSAinP1363Format", key, signed, signature)) {
            throw new NotGenuine("Tanda tangan tanda terima tidak cocok.", "The receipt's signature does not fit.");
        }
        String payload = decoded(parts[1]);
        Map<String, Object> promised = members(json(payload));
        for (String name : List.of("entry", "stream", "seq", "leaf_hash", "accepted_at", "in_tree_by")) {
            // A casefile is a stream, and its receipts say so.
            Object said = receipt.get(name.equals("stream") && !receipt.containsKey(name) ? "casefile" : name);
            if (!promised.get(name).equals(said)) {
                throw new NotGenuine(name + " tidak sama dengan yang ditandatangani.", name + " is not what was signed.");
            }
        }
        return payload;
    }

    private static boolean holds(String algorithm, PublicKey key, byte[] signed, byte[] signature) {
        try {
            Signature check = Signature.getInstance(algorithm);
            check.initVerify(key);
            check.update(signed);
            return check.verify(signature);
        } catch (GeneralSecurityException why) {
            return false;
        }
    }

    /** The register's public key of that id; asked for again where it is not known yet. */
    private PublicKey published(String kid, String kind) throws GeneralSecurityException, IOException {
        for (int look = 0; look < 2; look++) {
            for (Object one : list(members(json(read("jwks.json"))).get("keys"))) {
                Map<String, Object> key = members(one);
                if (kid.equals(key.get("kid")) && kind.equals(key.get("kty"))) {
                    return kind.equals("EC") ? pointOf(key) : ed25519(key);
                }
            }
            Answer answer = exchange("GET", base + "/.well-known/jwks.json", Map.of(), new byte[0]);
            if (answer.status != 200) {
                throw new NoAnswer("Kunci publik tidak dapat diambil.", "The public keys cannot be fetched.");
            }
            write("jwks.json", answer.text);
        }
        throw new NotGenuine("Kunci " + kid + " tidak dikenal.", "The key " + kid + " is not known.");
    }

    private static PublicKey pointOf(Map<String, Object> key) throws GeneralSecurityException {
        AlgorithmParameters curve = AlgorithmParameters.getInstance("EC");
        curve.init(new ECGenParameterSpec("secp256r1"));
        BigInteger x = new BigInteger(1, bytes(Base64.getUrlDecoder(), (String) key.get("x")));
        BigInteger y = new BigInteger(1, bytes(Base64.getUrlDecoder(), (String) key.get("y")));
        ECPublicKeySpec point = new ECPublicKeySpec(new ECPoint(x, y), curve.getParameterSpec(ECParameterSpec.class));
        return KeyFactory.getInstance("EC").generatePublic(point);
    }

    private static PublicKey ed25519(Map<String, Object> key) throws GeneralSecurityException {
        byte[] start = HexFormat.of().parseHex("302a300506032b6570032100"); // SubjectPublicKeyInfo up to the 32 bytes
        byte[] raw = bytes(Base64.getUrlDecoder(), (String) key.get("x"));
        byte[] der = ByteBuffer.allocate(44).put(start).put(raw).array();
        return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(der));
    }

    private static byte[] bytes(Base64.Decoder decoder, String text) {
        try {
            return decoder.decode(text);
        } catch (IllegalArgumentException why) {
            return new byte[0];
        }
    }

    private static String decoded(String base64url) {
        return new String(bytes(Base64.getUrlDecoder(), base64url), UTF_8);
    }

    // -- settings and files -------------------------------------------------------------------------------------------

    private String own(String name) {
        String value = settings.getOrDefault(name, "");
        if (value.isEmpty()) {
            throw new Misused(name + " belum diisi.", name + " is not set.");
        }
        return value;
    }

    private String language() {
        return settings.getOrDefault("LINTAS_LANGUAGE", "id");
    }

    private String read(String file) throws IOException {
        Path path = state.resolve(file);
        return Files.exists(path) ? Files.readString(path) : "";
    }

    /** Whole or not at all, and on the disk when this returns. */
    private void write(String file, String content) throws IOException {
        Path draft = Files.createTempFile(state, "draft", "");
        try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(content.getBytes(UTF_8)));
            channel.force(true);
            Files.move(draft, state.resolve(file), StandardCopyOption.ATOMIC_MOVE);
            channel.force(true);
        }
    }

    private static String readable(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException why) {
            throw new Misused(file + " tidak terbaca.", file + " cannot be read.");
        }
    }

    // -- JSON ---------------------------------------------------------------------------------------------------------

    private static final Pattern TOKEN = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*+)\"|[\\[\\]{},:]|[^\\[\\]{},:\"\\s]+");

    /** Maps, lists, strings, Long (Double where it is no integer), Boolean and null; null where it is no JSON. */
    static Object json(String text) {
        Matcher tokens = TOKEN.matcher(text);
        try {
            return tokens.find() ? value(tokens) : null;
        } catch (IllegalStateException | NumberFormatException why) {
            return null;
        }
    }

    private static Object value(Matcher tokens) {
        String token = tokens.group();
        if (token.equals("{")) {
            Map<String, Object> found = new LinkedHashMap<>();
            for (tokens.find(); !tokens.group().equals("}"); tokens.find()) {
                if (!tokens.group().equals(",")) {
                    String name = unescaped(tokens.group(1));
                    tokens.find();
                    tokens.find();
                    found.put(name, value(tokens));
                }
            }
            return found;
        }
        if (token.equals("[")) {
            List<Object> found = new ArrayList<>();
            for (tokens.find(); !tokens.group().equals("]"); tokens.find()) {
                if (!tokens.group().equals(",")) {
                    found.add(value(tokens));
                }
            }
            return found;
        }
        if (token.startsWith("\"")) {
            return unescaped(tokens.group(1));
        }
        return switch (token) {
            case "null" -> null;
            case "true", "false" -> token.equals("true");
            default -> token.matches("-?\\d{1,18}") ? (Object) Long.valueOf(token) : Double.valueOf(token);
        };
    }

    private static String unescaped(String text) {
        return Pattern.compile("\\\\(u([0-9a-fA-F]{4})|.)").matcher(text).replaceAll(found -> {
            String to = found.group(2) != null
                ? String.valueOf((char) Integer.parseInt(found.group(2), 16))
                : switch (found.group(1)) {
                    case "n" -> "\n";
                    case "r" -> "\r";
                    case "t" -> "\t";
                    case "b" -> "\b";
                    case "f" -> "\f";
                    default -> found.group(1);
                };
            return Matcher.quoteReplacement(to);
        });
    }

    /** The JSON of what `json` gives. */
    static String text(Object value) {
        if (value instanceof Map<?, ?> map) {
            List<String> parts = new ArrayList<>();
            map.forEach((name, member) -> parts.add(quoted(String.valueOf(name)) + ":" + text(member)));
            return "{" + String.join(",", parts) + "}";
        }
        if (value instanceof List<?> items) {
            return "[" + String.join(",", items.stream().map(Lintas::text).toList()) + "]";
        }
        return value instanceof String string ? quoted(string) : String.valueOf(value);
    }

    private static String quoted(String string) {
        StringBuilder made = new StringBuilder("\"");
        for (char one : string.toCharArray()) {
            if (one == '"' || one == '\\') {
                made.append('\\').append(one);
            } else if (one < ' ') {
                made.append("\\u%04x".formatted((int) one));
            } else {
                made.append(one);
            }
        }
        return made.append('"').toString();
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> members(Object value) {
        return value instanceof Map ? (Map<String, Object>) value : Map.of();
    }

    private static List<?> list(Object value) {
        return value instanceof List<?> items ? items : List.of();
    }

    // -- the command line ---------------------------------------------------------------------------------------------

    private static final Map<String, Integer> NEEDS = Map.of("get", 1, "send", 2, "act", 3, "resume", 0, "follow", 0,
        "webhook", 2, "receipt", 1, "token", 0, "assertion", 4, "sign", 5);

    /** See the top of this file. */
    public static void main(String[] given) throws Exception {
        // Whatever the machine's language is.
        System.setOut(new PrintStream(new FileOutputStream(FileDescriptor.out), true, UTF_8));
        System.setErr(new PrintStream(new FileOutputStream(FileDescriptor.err), true, UTF_8));
        try {
            run(given);
        } catch (Trouble why) {
            System.err.println(why.getMessage());
            System.exit(why.exit);
        }
    }

    private static void run(String[] given) throws GeneralSecurityException, IOException {
        String command = given.length == 0 ? "" : given[0];
        String[] rest = Arrays.copyOfRange(given, Math.min(1, given.length), given.length);
        Consumer<String> print = answer -> {
            System.out.println(answer);
            System.out.flush();
        };
        if (rest.length < NEEDS.getOrDefault(command, Integer.MAX_VALUE)) {
            throw new Misused("Perintah / command: get PATH, send PATH BODY.json [VERSION], act CASEFILE TRANSITION BODY.json,"
                + " resume, follow [SECONDS], webhook HEADERS BODY, receipt RECEIPT.json, token, assertion, sign",
                "see the first lines of Lintas.java");
        }
        if (command.equals("assertion")) {
            print.accept(assertion(rest[0], rest[1], rest[2], rest[3]));
            return;
        }
        if (command.equals("sign")) {
            Map<String, String> headers = new LinkedHashMap<>();
            for (String line : Arrays.copyOfRange(rest, 5, rest.length)) {
                headers.put(line.split(":", 2)[0], line.split(":", 2)[1].strip());
            }
            sign(rest[0], rest[1], Files.readAllBytes(Path.of(rest[2])), rest[3], rest[4], headers)
                .forEach((name, value) -> print.accept(name + ": " + value));
            return;
        }
        Lintas lintas = new Lintas(System.getenv());
        switch (command) {
            case "get" -> print.accept(lintas.get(rest[0]));
            case "token" -> print.accept(lintas.token());
            case "send" -> lintas.send(rest[0], readable(rest[1]), rest.length > 2 ? rest[2] : "", print);
            case "act" -> lintas.act(rest[0], rest[1], readable(rest[2]), print);
            case "resume" -> lintas.resume(print);
            case "follow" -> lintas.follow(
                event -> print.accept(text(event)), rest.length > 0 ? Integer.parseInt(rest[0]) : 0);
            case "receipt" -> print.accept(lintas.receipt(readable(rest[0])));
            default -> {
                Map<String, String> headers = new LinkedHashMap<>();
                for (String line : readable(rest[0]).split("\r?\n")) {
                    String[] parts = line.split(":", 2);
                    headers.put(parts[0].strip().toLowerCase(Locale.ROOT), parts.length == 2 ? parts[1].strip() : "");
                }
                if (!lintas.webhook(headers, readable(rest[1]), print)) {
                    String id = headers.get("webhook-id");
                    System.err.println("Pesan " + id + " sudah diterima. / Message " + id + " came before.");
                }
            }
        }
    }
}
