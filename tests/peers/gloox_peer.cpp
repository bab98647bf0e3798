// A real client, libgloox: sends or takes one file by SI (XEP-0096).
//
//   gloox_peer JID PASSWORD HOST PORT send TO FILE ibb|s5b|proxy|all [PROXYJID PROXYHOST PROXYPORT]
//   gloox_peer JID PASSWORD HOST PORT take OUT ibb|s5b
//
// Prints one event a line (online, accepted, open, sent, offer, received, notice STATE, message BODY, error CONDITION).
// A sender ends with 0 when the stream has been closed and either a notice or the end of standard input has come; a taker
// when the file is whole. Anything else, and 25 seconds, ends it with 1.
#include <gloox/bytestreamdatahandler.h>
#include <gloox/client.h>
#include <gloox/connectionlistener.h>
#include <gloox/connectiontcpserver.h>
#include <gloox/disco.h>
#include <gloox/error.h>
#include <gloox/eventhandler.h>
#include <gloox/message.h>
#include <gloox/messagehandler.h>
#include <gloox/siprofileft.h>
#include <gloox/siprofilefthandler.h>
#include <gloox/socks5bytestreamserver.h>
#include <gloox/stanzaextension.h>

#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>

using namespace gloox;

namespace {

void tell(const std::string &line)
{
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);
}

std::string condition(const IQ &iq)
{
    return iq.error() ? std::to_string(iq.error()->error()) : "?";
}

// Ferry's notice inside a message; libgloox shows only what is registered.
class Notice : public StanzaExtension
{
public:
    explicit Notice(const Tag *tag) : StanzaExtension(ExtUser + 1), state(tag ? tag->findAttribute("state") : "") {}
    const std::string &filterString() const override
    {
        static const std::string filter = "/message/transfer[@xmlns='urn:ferry:0']";
        return filter;
    }
    StanzaExtension *newInstance(const Tag *tag) const override { return new Notice(tag); }
    Tag *tag() const override { return nullptr; }
    StanzaExtension *clone() const override { return new Notice(*this); }
    std::string state;
};

class Peer : public ConnectionListener, SIProfileFTHandler, BytestreamDataHandler, MessageHandler, EventHandler
{
public:
    Peer(char **argv, int argc) : client(JID(argv[1]), argv[2], std::atoi(argv[4])), args(argv), count(argc)
    {
        client.setServer(argv[3]);
        client.setCompression(false);
        client.registerConnectionListener(this);
        client.registerMessageHandler(this);
        client.registerStanzaExtension(new Notice(nullptr));
        client.disco()->setVersion("gloox_peer", "1");
        transfer = new SIProfileFT(&client, this); // before its capabilities are shown
    }

    int run()
    {
        if (!client.connect(false))
            return fail("connect");
        std::time_t end = std::time(nullptr) + 25;
        while (code < 0 && std::time(nullptr) < end) {
            if (client.recv(20000) != ConnNoError && code < 0)
                return fail("disconnected");
            if (server)
                server->recv(1000);
            if (stream && code < 0 && stream->recv(1000) != ConnNoError && receiving())
                finish();
            if (pending)
                feed();
            if (done && (noticed || input_ended()))
                code = 0;
        }
        if (code < 0)
            return fail("time is up");
        client.disconnect();
        return code;
    }

private:
    bool receiving() const { return std::string(args[5]) == "take"; }
    std::string arg(int i) const { return i < count ? args[i] : ""; }

    int fail(const std::string &why)
    {
        tell("error " + why);
        return code = 1;
    }

    static bool input_ended()
    {
        pollfd in = {0, POLLIN, 0};
        char byte;
        return poll(&in, 1, 0) > 0 && read(0, &byte, 1) == 0;
    }

    // --- the connection
    bool onTLSConnect(const CertInfo &) override { return true; }
    void onDisconnect(ConnectionError e) override
    {
        if (code < 0)
            fail("disconnected " + std::to_string(e) + " " + std::to_string(client.authError()));
    }
    void onConnect() override
    {
        tell("online " + client.jid().full());
        std::string method = arg(receiving() ? 7 : 8);
        if (receiving())
            return;
        std::ifstream in(args[7], std::ios::binary);
        data.assign(std::istreambuf_iterator<char>(in), {});
        if (method == "s5b" || method == "all") {
            server = new SOCKS5BytestreamServer(client.logInstance(), 0, "127.0.0.1");
            if (server->listen() != ConnNoError)
                fail("listen");
            transfer->registerSOCKS5BytestreamServer(server);
            transfer->addStreamHost(client.jid(), "127.0.0.1", server->localPort());
        } else if (method == "proxy") {
            transfer->addStreamHost(JID(arg(9)), arg(10), std::atoi(arg(11).c_str()));
        }
        std::string path = args[7], name = path.substr(path.rfind('/') + 1);
        transfer->requestFT(JID(args[6]), name, (long)data.size(), "", "", "", "",
                            method == "ibb"   ? SIProfileFT::FTTypeIBB
                            : method == "all" ? SIProfileFT::FTTypeAll
                                              : SIProfileFT::FTTypeS5B);
    }

    void handleMessage(const Message &m, MessageSession *) override
    {
        const Notice *notice = m.findExtension<Notice>(ExtUser + 1);
        if (notice) {
            tell("notice " + notice->state);
            noticed = true;
        } else {
            tell("message " + m.body());
        }
    }

    // --- the offer
    void handleFTRequest(const JID &from, const JID &to, const std::string &sid, const std::string &name, long size,
                         const std::string &, const std::string &, const std::string &, const std::string &, int) override
    {
        tell("offer " + name + " " + std::to_string(size));
        expected = (size_t)size;
        transfer->acceptFT(from, sid, arg(7) == "s5b" ? SIProfileFT::FTTypeS5B : SIProfileFT::FTTypeIBB, to);
    }
    void handleFTRequestError(const IQ &iq, const std::string &) override { fail("refused " + condition(iq)); }
    const std::string handleOOBRequestResult(const JID &, const JID &, const std::string &) override { return ""; }
    void handleFTBytestream(Bytestream *bs) override
    {
        tell("accepted");
        stream = bs;
        bs->registerBytestreamDataHandler(this);
        if (!bs->connect())
            fail("bytestream");
    }

    // --- the bytes
    void handleBytestreamOpen(Bytestream *) override
    {
        tell("open");
        pending = !receiving();
    }
    void feed()
    {
        // libgloox cuts what it is given into blocks and does not wait for their answers: many are in flight.
        size_t step = 65536;
        if (sent < data.size()) {
            if (!stream->send(data.substr(sent, step)))
                fail("send");
            sent += step;
            return;
        }
        pending = false;
        stream->close();
        stream = nullptr;
        // To leave now would reset the connection, with bytes on their way: wait until the server has read all.
        client.xmppPing(JID(client.server()), this);
    }
    void handleEvent(const Event &) override
    {
        tell("sent");
        done = true;
    }
    void handleBytestreamData(Bytestream *, const std::string &part) override
    {
        data += part;
        if (receiving() && data.size() == expected)
            complete = true;
    }
    void handleBytestreamDataAck(Bytestream *) override {}
    void handleBytestreamError(Bytestream *, const IQ &iq) override { fail("bytestream " + condition(iq)); }
    void handleBytestreamClose(Bytestream *) override
    {
        if (receiving())
            finish();
    }
    void finish()
    {
        stream = nullptr;
        if (!complete && data.size() != expected) {
            fail("short file");
            return;
        }
        std::ofstream(args[6], std::ios::binary) << data;
        tell("received " + std::to_string(data.size()));
        code = 0;
    }

    Client client;
    char **args;
    int count, code = -1;
    SIProfileFT *transfer = nullptr;
    SOCKS5BytestreamServer *server = nullptr;
    Bytestream *stream = nullptr;
    std::string data;
    size_t sent = 0, expected = 0;
    bool pending = false, done = false, noticed = false, complete = false;
};

} // namespace

int main(int argc, char **argv)
{
    if (argc < 8) {
        std::fprintf(stderr, "usage: gloox_peer JID PASSWORD HOST PORT send TO FILE ibb|s5b|proxy|all [PROXYJID HOST PORT] | take OUT ibb|s5b\n");
        return 2;
    }
    return Peer(argv, argc).run();
}
