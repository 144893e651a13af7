internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// Opens the byte stream, encrypted or not, below a handler.
enum Transport {
  /// - Throws: `RedisError` of kind `connection`, `timeout` or `configuration`.
  static func connect(
    _ configuration: RedisConfiguration, timeout: Duration,
    handler: @escaping @Sendable () -> any ChannelHandler & Sendable
  ) async throws -> any Channel {
    let tls = try configuration.usesTLS ? context(configuration) : nil
    do {
      return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connectTimeout(TimeAmount(timeout))
        .channelOption(.tcpOption(.tcp_nodelay), value: 1)
        .channelOption(.socketOption(.so_keepalive), value: 1)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            if let tls {
              try channel.pipeline.syncOperations.addHandler(
                NIOSSLClientHandler(context: tls, serverHostname: serverName(configuration)))
            }
            try channel.pipeline.syncOperations.addHandler(handler())
          }
        }
        .connect(host: configuration.address.host, port: configuration.address.port).get()
    } catch let error as RedisError {
      throw error
    } catch {
      throw RedisError(
        kind: isTimeout(error) ? .timeout : .connection,
        message: "no connection to \(configuration): \(error)")
    }
  }

  private static func isTimeout(_ error: any Error) -> Bool {
    func isTimeout(_ error: any Error) -> Bool {
      if case .connectTimeout? = error as? ChannelError { true } else { false }
    }
    guard let error = error as? NIOConnectionError else { return isTimeout(error) }
    return !error.connectionErrors.isEmpty
      && error.connectionErrors.allSatisfy { isTimeout($0.error) }
  }

  private static func context(_ configuration: RedisConfiguration) throws -> NIOSSLContext {
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.minimumTLSVersion = .tlsv12
    if let caFile = configuration.caFile { tls.trustRoots = .file(caFile) }
    do {
      // Here, at every connection: a renewed file holds from the next one on.
      if let file = configuration.certificateFile {
        tls.certificateChain = try NIOSSLCertificate.fromPEMFile(file).map { .certificate($0) }
        tls.privateKey = .privateKey(
          try NIOSSLPrivateKey(file: configuration.keyFile ?? file, format: .pem))
      }
    } catch {
      throw RedisError(
        kind: .configuration,
        message:
          "cannot use the certificate \(configuration.certificateFile ?? "") with the key \(configuration.keyFile ?? "in it"): \(error)"
      )
    }
    do {
      return try NIOSSLContext(configuration: tls)
    } catch {
      throw RedisError(
        kind: .configuration,
        message: "cannot use the CA file \(configuration.caFile ?? "of the system"): \(error)")
    }
  }

  /// A certificate for an address is checked against the peer's address; server names are for names
  /// only (RFC 6066, section 3).
  private static func serverName(_ configuration: RedisConfiguration) -> String? {
    if let name = configuration.serverName { return name }
    let isAddress = (try? SocketAddress(ipAddress: configuration.address.host, port: 0)) != nil
    return isAddress ? nil : configuration.address.host
  }
}
