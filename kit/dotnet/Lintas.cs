// not run: no .NET SDK was at hand, so nobody has compiled or started this file. The four clients beside it are run by tests.
// Klien Lintas dalam satu berkas / a client of Lintas in one file. Written for .NET 8 and nothing else (a console project).
//
//   dotnet run -- get PATH | send PATH BODY.json [VERSION] | act CASEFILE TRANSITION BODY.json | resume | follow [SECONDS]
//                 | webhook HEADERS BODY | receipt RECEIPT.json | token | assertion CLIENT_ID KID KEY.pem ISSUER
//
// LINTAS_BASE, LINTAS_CLIENT_ID, LINTAS_KID, LINTAS_KEY (PEM file); LINTAS_STATE (a folder of this client alone; default
// ./lintas-state). May be set: LINTAS_ISSUER (where LINTAS_BASE is a gateway), LINTAS_SIGN=1, LINTAS_LANGUAGE=en,
// LINTAS_WEBHOOK_SECRET, LINTAS_CLOCK_OFFSET (seconds to add to this machine's clock).
// Exit code: 0 done, 1 usage, 2 not genuine or a gap in the feed, 3 refused, 4 no answer yet (`resume` goes on).
// .NET 8 verifies no Ed25519: of a webhook this file verifies `v1`, and not `v1a`.
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

/// <summary>What went wrong, in Indonesian and English; Exit is the exit code.</summary>
public class Trouble(int exit, string message) : Exception(message)
{
    public int Exit { get; } = exit;
}

/// <summary>The service refused the intention: nothing has happened. Code is the problem's.</summary>
public class Refused(string code, string message) : Trouble(3, message)
{
    public string Code { get; } = code;
}

/// <summary>One system of one agency, calling one register; its settings are the environment above.</summary>
public class Lintas
{
    private const int Attempts = 6, PatienceSeconds = 120;
    private readonly HttpClient http = new(new HttpClientHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(60) };
    private readonly string baseUrl = Regex.Replace(Own("LINTAS_BASE"), "(/api/v1)?/?$", "");
    private readonly string issuer = Set("LINTAS_ISSUER") ?? Regex.Replace(Own("LINTAS_BASE"), "(/api/v1)?/?$", "");
    private readonly string state = Set("LINTAS_STATE") ?? "lintas-state";

    private record Answer(int Status, string Text, int? After);

    public Lintas()
    {
        foreach (var folder in new[] { "pending", "receipts", "webhooks" })
        {
            Directory.CreateDirectory(Path.Combine(state, folder));
        }
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(state, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static string? Set(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static string Own(string name) => Set(name) ?? throw new Trouble(1, $"{name} belum diisi. / {name} is not set.");

    // --- begin assertion
    private static long Now() => DateTimeOffset.UtcNow.ToUnixTimeSeconds() + long.Parse(Set("LINTAS_CLOCK_OFFSET") ?? "0");

    private static string Base64Url(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    // SignData writes r and s alone, 64 bytes, unless it is asked for DER.
    private static byte[] Ecdsa(string signed, string keyFile)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(keyFile));
        return key.SignData(Encoding.UTF8.GetBytes(signed), HashAlgorithmName.SHA256);
    }

    /// <summary>A client assertion (RFC 7523, ES256) for one token.</summary>
    public static string Assertion(string clientId, string kid, string keyFile, string issuer)
    {
        var header = JsonSerializer.SerializeToUtf8Bytes(new { alg = "ES256", typ = "JWT", kid });
        var claims = JsonSerializer.SerializeToUtf8Bytes(
            new { iss = clientId, sub = clientId, aud = issuer, iat = Now(), exp = Now() + 60, jti = Guid.NewGuid() });
        var signed = $"{Base64Url(header)}.{Base64Url(claims)}";
        return $"{signed}.{Base64Url(Ecdsa(signed, keyFile))}";
    }
    // --- end assertion

    // --- begin sign
    /// <summary>The headers that sign a request (RFC 9421, ES256); all of `headers` are covered.</summary>
    public static Dictionary<string, string> Sign(
        string method, string url, byte[] body, string kid, string keyFile, IEnumerable<KeyValuePair<string, string>> headers)
    {
        var target = new Uri(url);
        var parts = new List<(string Name, string Value)> { ("@method", method), ("@authority", target.Authority), ("@path", target.AbsolutePath) };
        if (target.Query.Length > 0) parts.Add(("@query", target.Query));
        parts.AddRange(headers.Select(header => (header.Key.ToLowerInvariant(), header.Value)));
        var added = new Dictionary<string, string>();
        if (body.Length > 0)
        {
            added["Content-Digest"] = $"sha-256=:{Convert.ToBase64String(SHA256.HashData(body))}:";
            parts.Add(("content-digest", added["Content-Digest"]));
        }
        var covered = string.Join(' ', parts.Select(part => $"\"{part.Name}\""));
        var parameters = $"({covered});created={Now()};keyid=\"{kid}\";tag=\"lintas-v1\"";
        var text = string.Concat(parts.Select(part => $"\"{part.Name}\": {part.Value}\n")) + $"\"@signature-params\": {parameters}";
        added["Signature-Input"] = $"sig={parameters}";
        added["Signature"] = $"sig=:{Convert.ToBase64String(Ecdsa(text, keyFile))}:";
        return added;
    }
    // --- end sign

    // -- asking -------------------------------------------------------------------------------------------------------

    public async Task<string> Token()
    {
        var (client, kid, keyFile) = (Own("LINTAS_CLIENT_ID"), Own("LINTAS_KID"), Own("LINTAS_KEY"));
        var kept = Read("token").Split(' ');
        if (kept.Length == 4 && kept[1] == client && kept[2] == baseUrl && DateTimeOffset.UtcNow.ToUnixTimeSeconds() < long.Parse(kept[0])) return kept[3];
        if (!File.Exists(keyFile)) throw new Trouble(1, $"Kunci {keyFile} tidak terbaca. / The key {keyFile} cannot be read.");
        for (var attempt = 1; ; attempt++)
        {
            var form = "grant_type=client_credentials&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
                + $"&client_assertion={Assertion(client, kid, keyFile, issuer)}";
            var answer = await Exchange("POST", $"{baseUrl}/oauth/token", [], Encoding.UTF8.GetBytes(form), "application/x-www-form-urlencoded");
            if (answer.Status == 200)
            {
                var bought = Parsed(answer.Text);
                // Given up half a minute early, so that it does not end on its way.
                var until = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + bought.GetProperty("expires_in").GetInt64() - 30;
                Write("token", $"{until} {client} {baseUrl} {Text(bought, "access_token")}");
                return Text(bought, "access_token");
            }
            await DecideOrWait(answer, attempt);
        }
    }

    /// <summary>A path below /api/v1, also where it was taken from an `href` or `next` of an answer.</summary>
    private static string Below(string path) => Regex.Replace(path, "^(/api/v1)?/?", "/");

    public Task<string> Get(string path) => Ask("GET", Below(path), [], []);

    /// <summary>Ask until there is an answer that decides. Each attempt is signed anew.</summary>
    private async Task<string> Ask(string method, string path, Dictionary<string, string> headers, byte[] body)
    {
        var renewed = false;
        for (var attempt = 1; ; attempt++)
        {
            var covered = new Dictionary<string, string> { ["Authorization"] = $"Bearer {await Token()}" };
            foreach (var (name, value) in headers) covered[name] = value;
            var sent = new Dictionary<string, string>(covered);
            if (body.Length > 0 && Set("LINTAS_SIGN") != null)
            {
                foreach (var (name, value) in Sign(method, $"{issuer}/api/v1{path}", body, Own("LINTAS_KID"), Own("LINTAS_KEY"), covered)) sent[name] = value;
            }
            var answer = await Exchange(method, $"{baseUrl}/api/v1{path}", sent, body, "application/json");
            if (answer.Status is >= 200 and < 300) return answer.Text;
            if (answer.Status == 401 && !renewed && Text(Parsed(answer.Text), "code").StartsWith("token-"))
            {
                renewed = true;
                File.Delete(Path.Combine(state, "token"));
                continue;
            }
            await DecideOrWait(answer, attempt);
        }
    }

    /// <summary>Wait as long as the service asks, or longer each time. Throws Refused where another attempt brings nothing else.</summary>
    private async Task DecideOrWait(Answer answer, int attempt)
    {
        var problem = Parsed(answer.Text);
        var code = Text(problem, "code");
        var mayPass = answer.Status is 0 or 429 or >= 500 || (answer.Status == 409 && code == "request-in-progress");
        if (!mayPass) throw new Refused(code, Told(answer.Status, problem));
        if (attempt >= Attempts || answer.After > PatienceSeconds)
        {
            throw new Trouble(4, $"Belum ada jawaban dari {baseUrl} ({answer.Status}). Maksud tetap tersimpan; ulangi dengan: resume"
                + $" / No answer from {baseUrl} yet ({answer.Status}). The intention is kept; repeat it by: resume");
        }
        await Task.Delay(TimeSpan.FromSeconds(answer.After ?? Math.Pow(2, attempt - 1)));
    }

    private static string Told(int status, JsonElement problem)
    {
        if (Text(problem, "code") == "") return $"{status}: jawaban bukan dari Lintas; adakah gerbang di antaranya? / not an answer of Lintas; a gateway?";
        var lines = new List<string> { $"{status} {Text(problem, "code")}: {Text(problem, "title")}. {Text(problem, "detail")} {Text(problem, "did_you_mean")}".TrimEnd() };
        foreach (var error in Items(problem, "errors"))
        {
            lines.Add($"  {Text(error, "pointer")}{Text(error, "parameter")} {Text(error, "code")}: {Text(error, "detail")} {Text(error, "did_you_mean")}".TrimEnd());
        }
        return string.Join('\n', lines);
    }

    /// <summary>One exchange; status 0 where there was no whole answer.</summary>
    private async Task<Answer> Exchange(string method, string url, Dictionary<string, string> headers, byte[] body, string mediaType)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), url);
        request.Headers.TryAddWithoutValidation("Accept-Language", Set("LINTAS_LANGUAGE") ?? "id");
        if (body.Length > 0)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        }
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        try
        {
            using var answer = await http.SendAsync(request);
            return new Answer((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(), (int?)answer.Headers.RetryAfter?.Delta?.TotalSeconds);
        }
        catch (Exception why) when (why is HttpRequestException or TaskCanceledException or IOException)
        {
            return new Answer(0, "", null);
        }
    }

    // -- intentions ---------------------------------------------------------------------------------------------------
    // An intention is a file before it is sent: its key, path, If-Match, then the body. It goes once its answer was
    // taken. The same path and body while it lies there are the same intention: a program that crashed may just run again.

    public async Task<string> Send(string path, string body, string version, Action<string> taken)
    {
        path = Below(path);
        var file = Pending(path, body);
        if (!File.Exists(Path.Combine(state, file)))
        {
            var key = Convert.ToHexString(RandomNumberGenerator.GetBytes(16)).ToLowerInvariant();
            Write(file, $"{key}\n{path}\n{(version == "" ? "" : $"\"{version}\"")}\n{body}");
        }
        return await Deliver(file, taken);
    }

    public async Task<string> Act(string casefile, string transition, string body, Action<string> taken)
    {
        var path = $"/casefiles/{casefile}/{transition}";
        var isBegun = File.Exists(Path.Combine(state, Pending(path, body)));
        return await Send(path, body, isBegun ? "" : Text(Parsed(await Get($"/casefiles/{casefile}")), "version"), taken);
    }

    public async Task Resume(Action<string> taken)
    {
        Refused? refused = null;
        foreach (var file in Directory.GetFiles(Path.Combine(state, "pending")).Order())
        {
            try
            {
                await Deliver(Path.Combine("pending", Path.GetFileName(file)), taken);
            }
            catch (Refused why)
            {
                refused ??= why;
            }
        }
        if (refused != null) throw refused;
    }

    private static string Pending(string path, string body) =>
        Path.Combine("pending", Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{path}\n{body}"))).ToLowerInvariant());

    private async Task<string> Deliver(string file, Action<string> taken)
    {
        var parts = Read(file).Split('\n', 4);
        var headers = new Dictionary<string, string> { ["Idempotency-Key"] = parts[0] };
        if (parts[2] != "") headers["If-Match"] = parts[2];
        string answer;
        try
        {
            answer = await Ask("POST", parts[1], headers, Encoding.UTF8.GetBytes(parts[3]));
        }
        catch (Refused why) when (why.Code is not ("invalid-client" or "invalid-request"))
        {
            // The token's refusal (a wrong key, a wrong clock) is not the intention's, which stays then.
            File.Delete(Path.Combine(state, file));
            throw;
        }
        foreach (Match receipt in Regex.Matches(answer, "\"receipt\": *(\\{[^}]*\\})"))
        {
            var entry = Path.GetFileName(Text(Parsed(receipt.Groups[1].Value), "entry"));
            Write(Path.Combine("receipts", $"{entry}.json"), receipt.Groups[1].Value);
        }
        taken(answer);
        File.Delete(Path.Combine(state, file));
        return answer;
    }

    // -- the feed -----------------------------------------------------------------------------------------------------

    /// <summary>Hand each new event to `taken`, which may see one twice after a crash; none is lost, as `previous` proves.</summary>
    public async Task Follow(Action<JsonElement> taken, int seconds)
    {
        var kept = Read("feed").Split(' ');
        var (last, source) = kept.Length == 2 ? (kept[0], kept[1]) : ("", "");
        for (var came = true; came; seconds = 0)
        {
            var page = Parsed(await Get($"/events?after={(last == "" ? "-1" : last)}&wait={seconds}"));
            came = false;
            foreach (var item in Items(page, "data"))
            {
                if (last != "" && item.GetProperty("logindex").GetInt64() <= long.Parse(last)) continue;
                if (source != "" && source != Text(item, "source"))
                {
                    throw new Trouble(2, "Log bercabang: tanyakan kepada operator dari nomor berapa mulai lagi. / The log was forked: ask the operator from which index to begin again.");
                }
                if (Text(item, "previous") != last)
                {
                    throw new Trouble(2, $"Ada peristiwa yang terlewat sesudah {last}; tempat tidak dipindahkan, jalankan lagi. / Events after {last} are missing; the place was not moved, run it again.");
                }
                taken(item);
                (came, last, source) = (true, Text(item, "logindex"), Text(item, "source"));
                Write("feed", $"{last} {source}");
            }
        }
    }

    // -- what others signed -------------------------------------------------------------------------------------------

    /// <summary>Verify `v1` of a webhook's message; false where it came before. Throws Trouble.</summary>
    public bool Webhook(Dictionary<string, string> headers, string body, Action<string> taken)
    {
        var (id, stamp) = (headers.GetValueOrDefault("webhook-id", ""), headers.GetValueOrDefault("webhook-timestamp", ""));
        if (!Regex.IsMatch(id, "^[0-9A-Za-z_-]{1,64}$") || !Regex.IsMatch(stamp, "^[0-9]{1,12}$"))
        {
            throw new Trouble(2, "Tajuk pesan tidak lengkap. / Headers of the message are missing.");
        }
        var age = Now() - long.Parse(stamp);
        if (Math.Abs(age) > 300) throw new Trouble(2, $"Pesan terlalu lama: {age} s. / The message is too old: {age} s.");
        var secret = Convert.FromBase64String(Regex.Replace(Own("LINTAS_WEBHOOK_SECRET"), "^whsec_", ""));
        var shared = HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes($"{id}.{stamp}.{body}"));
        var isShared = headers.GetValueOrDefault("webhook-signature", "").Split(' ')
            .Any(one => one.StartsWith("v1,") && CryptographicOperations.FixedTimeEquals(Convert.FromBase64String(one[3..]), shared));
        if (!isShared) throw new Trouble(2, "Tanda tangan v1 tidak cocok dengan secret. / Signature v1 does not fit the secret.");
        // A challenge is answered as often as it comes.
        var isChallenge = Text(Parsed(body), "type") == "lintas.webhook.challenge";
        if (!isChallenge && File.Exists(Path.Combine(state, "webhooks", id))) return false;
        taken(body);
        Write(Path.Combine("webhooks", id), "");
        return true;
    }

    /// <summary>What a receipt promises, once its signature and its members hold. Throws Trouble.</summary>
    public async Task<string> Receipt(string given)
    {
        var receipt = Parsed(given);
        var parts = Text(receipt, "jws").Split('.');
        var header = parts.Length == 3 ? Parsed(Encoding.UTF8.GetString(FromBase64Url(parts[0]))) : default;
        if (Text(header, "alg") != "ES256" || Text(header, "typ") != "lintas-receipt+jwt")
        {
            throw new Trouble(2, "Ini bukan tanda terima Lintas. / This is no receipt of Lintas.");
        }
        var signature = FromBase64Url(parts[2]);
        if (signature.Length != 64) throw new Trouble(2, "Tanda tangannya bukan 64 byte (r, s). / The signature is not 64 bytes (r, s).");
        var answer = await Exchange("GET", $"{baseUrl}/.well-known/jwks.json", [], [], "");
        var known = Items(Parsed(answer.Text), "keys").FirstOrDefault(one => Text(one, "kid") == Text(header, "kid") && Text(one, "kty") == "EC");
        if (known.ValueKind != JsonValueKind.Object) throw new Trouble(2, "Kuncinya tidak dikenal. / Its key is not known.");
        var point = new ECPoint { X = FromBase64Url(Text(known, "x")), Y = FromBase64Url(Text(known, "y")) };
        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = point });
        if (!key.VerifyData(Encoding.UTF8.GetBytes($"{parts[0]}.{parts[1]}"), signature, HashAlgorithmName.SHA256))
        {
            throw new Trouble(2, "Tanda tangan tanda terima tidak cocok. / The receipt's signature does not fit.");
        }
        var payload = Encoding.UTF8.GetString(FromBase64Url(parts[1]));
        foreach (var name in new[] { "entry", "stream", "seq", "leaf_hash", "accepted_at", "in_tree_by" })
        {
            // A casefile is a stream, and its receipts say so.
            var said = Text(receipt, name) is { Length: > 0 } own ? own : Text(receipt, name == "stream" ? "casefile" : name);
            if (said != Text(Parsed(payload), name)) throw new Trouble(2, $"{name} tidak sama dengan yang ditandatangani. / {name} is not what was signed.");
        }
        return payload;
    }

    private static byte[] FromBase64Url(string text)
    {
        var padded = text.Replace('-', '+').Replace('_', '/');
        return Convert.FromBase64String(padded.PadRight((padded.Length + 3) / 4 * 4, '='));
    }

    // -- JSON and files -----------------------------------------------------------------------------------------------

    private static JsonElement Parsed(string text)
    {
        try
        {
            return JsonDocument.Parse(text).RootElement;
        }
        catch (JsonException)
        {
            return default;
        }
    }

    /// <summary>A member as text; empty where there is none, or null.</summary>
    private static string Text(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var found) && found.ValueKind != JsonValueKind.Null ? found.ToString() : "";

    private static IEnumerable<JsonElement> Items(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.Array ? found.EnumerateArray() : [];

    private string Read(string file) => File.Exists(Path.Combine(state, file)) ? File.ReadAllText(Path.Combine(state, file)) : "";

    /// <summary>Whole or not at all, and on the disk when this returns.</summary>
    private void Write(string file, string content)
    {
        var draft = Path.Combine(state, $"draft-{Guid.NewGuid():N}");
        using (var stream = new FileStream(draft, FileMode.CreateNew, FileAccess.Write))
        {
            stream.Write(Encoding.UTF8.GetBytes(content));
            stream.Flush(flushToDisk: true);
        }
        File.Move(draft, Path.Combine(state, file), overwrite: true);
    }
}

public static class Program
{
    public static async Task<int> Main(string[] given)
    {
        Action<string> print = Console.Out.WriteLine;
        try
        {
            switch (given)
            {
                case ["assertion", var clientId, var kid, var keyFile, var issuer]: print(Lintas.Assertion(clientId, kid, keyFile, issuer)); break;
                case ["get", var path]: print(await new Lintas().Get(path)); break;
                case ["token"]: print(await new Lintas().Token()); break;
                case ["send", var path, var body]: await new Lintas().Send(path, File.ReadAllText(body), "", print); break;
                case ["send", var path, var body, var version]: await new Lintas().Send(path, File.ReadAllText(body), version, print); break;
                case ["act", var casefile, var transition, var body]: await new Lintas().Act(casefile, transition, File.ReadAllText(body), print); break;
                case ["resume"]: await new Lintas().Resume(print); break;
                case ["follow"]: await new Lintas().Follow(item => print(item.GetRawText()), 0); break;
                case ["follow", var seconds]: await new Lintas().Follow(item => print(item.GetRawText()), int.Parse(seconds)); break;
                case ["receipt", var file]: print(await new Lintas().Receipt(File.ReadAllText(file))); break;
                case ["webhook", var lines, var body]:
                    var pairs = File.ReadAllLines(lines).Where(line => line.Contains(':')).Select(line => line.Split(':', 2));
                    var headers = pairs.ToDictionary(pair => pair[0].Trim().ToLowerInvariant(), pair => pair[1].Trim());
                    if (!new Lintas().Webhook(headers, File.ReadAllText(body), print))
                    {
                        Console.Error.WriteLine("Pesan ini sudah diterima. / This message came before.");
                    }
                    break;
                default: throw new Trouble(1, "get, send, act, resume, follow, webhook, receipt, token, assertion: lihat awal berkas / see the first lines of Lintas.cs");
            }
            return 0;
        }
        catch (Trouble why)
        {
            Console.Error.WriteLine(why.Message);
            return why.Exit;
        }
    }
}
