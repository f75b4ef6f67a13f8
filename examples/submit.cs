// submit CONNECTOR FILE SUBJECT KEY: sends one change, and prints what became of it.
using System;
using System.IO;
using System.Net.Http;
using System.Threading.Tasks;

static class Submit
{
    static int Main(string[] args) => Send(args).GetAwaiter().GetResult(); // one key for each change, not for each object

    static async Task<int> Send(string[] args)
    {
        Func<string, string> variable = Environment.GetEnvironmentVariable;
        var client = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
        var token = variable("LOCKGATE_TOKEN");
        if (token != null) client.DefaultRequestHeaders.Add("Authorization", "Bearer " + token);
        var url = (variable("LOCKGATE_URL") ?? "http://127.0.0.1:7070") + "/v1/connectors/" + Uri.EscapeDataString(args[0])
            + "/tasks?wait=5s&task_type=update-object&subject=" + Uri.EscapeDataString(args[2]);
        foreach (var seconds in new[] { 0, 1, 2, 4, 8, 16, 30 })
        {
            await Task.Delay(TimeSpan.FromSeconds(seconds));
            var body = new ByteArrayContent(File.ReadAllBytes(args[1]));
            body.Headers.Add("Content-Type", variable("MEDIA_TYPE") ?? "application/json");
            var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = body };
            request.Headers.Add("Idempotency-Key", args[3]);
            HttpResponseMessage answer;
            try { answer = await client.SendAsync(request); }
            catch (Exception error) when (error is HttpRequestException || error is TaskCanceledException) { continue; } // no answer
            var status = (int)answer.StatusCode;
            if (status == 408 || status == 429 || status >= 500) continue; // again, with the same key
            Console.WriteLine(await answer.Content.ReadAsStringAsync()); // {"task":17,"repeated":false,"outcome":"stored"}, or what is wrong
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        Console.Error.WriteLine("the server does not answer"); return 1;
    }
}
