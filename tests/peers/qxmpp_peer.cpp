// A real client, libqxmpp (what Kaidan is made of): a command a line on standard input, an event a line on standard output.
//
//   qxmpp_peer JID PASSWORD HOST PORT FOLDER [ibb|s5b|any]
//
// What it is sent is taken, and put below FOLDER/in. It listens on all addresses and offers those of the Ethernet devices, so it
// runs in a network of the test's own (t.own_network("10.1.2.3")).
//
// commands  methods ibb|s5b|any    what it offers and takes
//           proxy JID              the only stream host it offers
//           send FULLJID PATH      upload PATH
// events    online JID, presence on|off JID, message FROM BODY, offer FROM NAME SIZE, sent NAME, received PATH,
//           failed NAME ERROR, service JID (it can upload), uploaded URL, error WORDS
// It ends, with 0, when its standard input does.
#include <QXmppClient.h>
#include <QXmppConfiguration.h>
#include <QXmppDiscoveryIq.h>
#include <QXmppDiscoveryManager.h>
#include <QXmppHttpUploadIq.h>
#include <QXmppMessage.h>
#include <QXmppPresence.h>
#include <QXmppTransferManager.h>
#include <QXmppUploadRequestManager.h>

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QNetworkRequest>
#include <QSocketNotifier>

#include <cstdio>
#include <unistd.h>

namespace {

void tell(const QString &line)
{
    std::printf("%s\n", qPrintable(QString(line).replace('\n', ' ')));
    std::fflush(stdout);
}

class Peer : public QXmppClient
{
public:
    Peer(char **argv) : folder(QString(argv[5]) + "/in")
    {
        QDir().mkpath(folder);
        addExtension(&transfers);
        addExtension(&uploads);
        connect(this, &QXmppClient::connected, [this] { tell("online " + configuration().jid()); });
        connect(this, &QXmppClient::error, [](QXmppClient::Error e) { tell(QString("error connection %1").arg(e)); });
        connect(this, &QXmppClient::messageReceived, [](const QXmppMessage &m) { tell("message " + m.from() + " " + m.body()); });
        connect(this, &QXmppClient::presenceReceived, [](const QXmppPresence &p) {
            if (p.type() == QXmppPresence::Available || p.type() == QXmppPresence::Unavailable)
                tell(QString("presence ") + (p.type() == QXmppPresence::Available ? "on " : "off ") + p.from());
        });
        connect(&transfers, &QXmppTransferManager::fileReceived, [this](QXmppTransferJob *job) { take(job); });
        connect(&uploads, &QXmppUploadRequestManager::slotReceived, [this](const QXmppHttpUploadSlotIq &slot) { put(slot); });
        connect(&uploads, &QXmppUploadRequestManager::requestFailed,
                [](const QXmppHttpUploadRequestIq &request) { tell(QString("error slot %1").arg(request.error().condition())); });
        look_around();
        QXmppConfiguration login;
        login.setJid(argv[1]);
        login.setPassword(argv[2]);
        login.setHost(argv[3]);
        login.setPort(QString(argv[4]).toInt());
        login.setIgnoreSslErrors(true);
        login.setAutoReconnectionEnabled(false);
        if (argv[6])
            run(QString("methods ") + argv[6]);
        connectToServer(login);
    }

    void run(const QString &line)
    {
        QString word = line.section(' ', 0, 0), first = line.section(' ', 1, 1), rest = line.section(' ', 2);
        if (word == "methods") {
            transfers.setSupportedMethods(first == "ibb"   ? QXmppTransferJob::InBandMethod
                                          : first == "s5b" ? QXmppTransferJob::SocksMethod
                                                           : QXmppTransferJob::AnyMethod);
        } else if (word == "proxy") {
            transfers.setProxy(first);
            transfers.setProxyOnly(true);
        } else if (word == "send") {
            watch(transfers.sendFile(first, rest), "sent " + QFileInfo(rest).fileName());
        } else if (word == "upload") {
            path = line.section(' ', 1);
            if (uploads.requestUploadSlot(QFileInfo(path)).isEmpty())
                tell("error no upload service");
        } else {
            tell("error command " + line);
        }
    }

private:
    void take(QXmppTransferJob *job)
    {
        QString to = folder + "/" + job->fileName();
        tell(QString("offer %1 %2 %3").arg(job->jid(), job->fileName()).arg(job->fileSize()));
        auto *file = new QFile(to, job);
        if (!file->open(QIODevice::WriteOnly))
            return tell("error open");
        watch(job, "received " + to, file);
        job->accept(file);
    }

    void watch(QXmppTransferJob *job, const QString &good, QFile *file = nullptr)
    {
        connect(job, &QXmppTransferJob::finished, [job, good, file] {
            if (file)
                file->close(); // before that not all is in it
            if (job->error() == QXmppTransferJob::NoError)
                tell(good);
            else
                tell(QString("failed %1 %2").arg(job->fileName()).arg(job->error()));
            job->deleteLater();
        });
    }

    // The library knows the services that the program has asked for what they are.
    void look_around()
    {
        auto *disco = findExtension<QXmppDiscoveryManager>();
        connect(disco, &QXmppDiscoveryManager::itemsReceived, [disco](const QXmppDiscoveryIq &answer) {
            for (const auto &item : answer.items())
                disco->requestInfo(item.jid());
        });
        connect(&uploads, &QXmppUploadRequestManager::serviceFoundChanged, [this] { tell("service " + uploads.uploadServices().first().jid()); });
        connect(this, &QXmppClient::connected, [this, disco] { disco->requestItems(configuration().domain()); });
    }

    void put(const QXmppHttpUploadSlotIq &slot)
    {
        auto *file = new QFile(path);
        if (!file->open(QIODevice::ReadOnly))
            return tell("error open");
        QNetworkRequest request(slot.putUrl());
        request.setHeader(QNetworkRequest::ContentTypeHeader, "application/octet-stream");
        for (auto header = slot.putHeaders().cbegin(); header != slot.putHeaders().cend(); ++header)
            request.setRawHeader(header.key().toUtf8(), header.value().toUtf8());
        QNetworkReply *reply = http.put(request, file);
        file->setParent(reply);
        QString link = slot.getUrl().toString(QUrl::FullyEncoded);
        connect(reply, &QNetworkReply::finished, [reply, link] {
            tell(reply->error() == QNetworkReply::NoError ? "uploaded " + link : "error put " + reply->errorString());
            reply->deleteLater();
        });
    }

    QString folder, path;
    QXmppTransferManager transfers;
    QXmppUploadRequestManager uploads;
    QNetworkAccessManager http;
};

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    if (argc < 6) {
        std::fprintf(stderr, "usage: qxmpp_peer JID PASSWORD HOST PORT FOLDER [ibb|s5b|any]\n");
        return 2;
    }
    Peer peer(argv);
    QByteArray input;
    QSocketNotifier in(STDIN_FILENO, QSocketNotifier::Read);
    QObject::connect(&in, &QSocketNotifier::activated, [&](int) {
        char bytes[4096];
        ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
        if (n <= 0)
            return app.quit();
        input.append(bytes, n);
        for (int end; (end = input.indexOf('\n')) >= 0; input.remove(0, end + 1))
            peer.run(QString::fromUtf8(input.left(end)));
    });
    return app.exec();
}
