internal import CCurl
internal import Glibc

/// One request on its way: its easy handle, and what has come back.
final class Transfer {
  let easy: UnsafeMutableRawPointer
  let startedAt = ContinuousClock.now
  let continuation: CheckedContinuation<HTTPResponse, any Error>
  private var headerList: UnsafeMutablePointer<curl_slist>?
  private var connectTo: UnsafeMutablePointer<curl_slist>?
  private var headers: [(name: String, value: String)] = []
  private var body: [UInt8] = []
  private let errorBuffer = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
  private let timeout: Duration
  private let bodySize: Int
  private let silenceMilliseconds: Int
  private var replays = 0
  /// An option that libcurl has refused: without it the request would be another one.
  private var refused: CURLcode?

  /// - Throws: `HTTPError` of code `configuration`.
  init(
    _ request: HTTPRequest, configuration: HTTPClientConfiguration,
    continuation: CheckedContinuation<HTTPResponse, any Error>
  ) throws {
    easy = curl_easy_init()!
    self.continuation = continuation
    timeout = request.timeout
    bodySize = request.body?.count ?? 0
    silenceMilliseconds = max(1000, configuration.silenceTimeout.milliseconds)
    errorBuffer.pointee = 0
    prepare(request, configuration)
    if let refused {
      throw HTTPError(
        code: .configuration,
        message: "libcurl takes a setting not: \(String(cString: curl_easy_strerror(refused)))",
        mayHaveReachedServer: false)
    }
  }

  deinit {
    curl_easy_cleanup(easy)
    curl_slist_free_all(headerList)
    curl_slist_free_all(connectTo)
    errorBuffer.deallocate()
  }

  private func prepare(_ request: HTTPRequest, _ configuration: HTTPClientConfiguration) {
    set(CURLOPT_ERRORBUFFER, UnsafeRawPointer(errorBuffer))
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
    // Rather wait for the connection that is being made than make a second one.
    set(CURLOPT_PIPEWAIT, 1)
    // Warm for as long as it lives; keepalive tells whether it does.
    set(CURLOPT_MAXAGE_CONN, 86_400)
    keepAlive()
    set(CURLOPT_USERAGENT, configuration.userAgent)
    set(CURLOPT_CONNECTTIMEOUT_MS, configuration.connectTimeout.milliseconds)
    set(CURLOPT_TIMEOUT_MS, request.timeout.milliseconds)

    set(CURLOPT_CUSTOMREQUEST, request.method)
    if let body = request.body {
      set(CURLOPT_POSTFIELDSIZE, body.count)
      _ = body.withUnsafeBytes {
        ark_easy_setopt_pointer(easy, CURLOPT_COPYPOSTFIELDS, $0.baseAddress)
      }
    }
    // libcurl would wait a second for "100 Continue" before it sends a larger body.
    headerList = curl_slist_append(nil, "Expect:")
    for header in request.headers {
      headerList = curl_slist_append(headerList, "\(header.name): \(header.value)")
    }
    set(CURLOPT_HTTPHEADER, UnsafeRawPointer(headerList))

    trust(configuration, request.identity ?? configuration.identity)
    address(request.url, configuration)

    let context = Unmanaged.passUnretained(self).toOpaque()
    ark_easy_setopt_callback(easy, CURLOPT_WRITEFUNCTION) { data, size, count, context in
      let transfer = Unmanaged<Transfer>.fromOpaque(context!).takeUnretainedValue()
      transfer.body.append(contentsOf: UnsafeRawBufferPointer(start: data, count: size * count))
      return size * count
    }
    set(CURLOPT_WRITEDATA, UnsafeRawPointer(context))
    ark_easy_setopt_callback(easy, CURLOPT_HEADERFUNCTION) { data, size, count, context in
      let transfer = Unmanaged<Transfer>.fromOpaque(context!).takeUnretainedValue()
      transfer.header(UnsafeRawBufferPointer(start: data, count: size * count))
      return size * count
    }
    set(CURLOPT_HEADERDATA, UnsafeRawPointer(context))
  }

  /// A peer that is gone without a word: asked for when nothing is sent (keepalive), and noticed when
  /// what is sent stays unacknowledged (TCP_USER_TIMEOUT, tcp(7)), which keepalive alone is silent about.
  private func keepAlive() {
    let seconds = silenceMilliseconds / 1000
    set(CURLOPT_TCP_KEEPALIVE, 1)
    set(CURLOPT_TCP_KEEPIDLE, seconds)
    set(CURLOPT_TCP_KEEPINTVL, max(1, seconds / 3))
    note(
      ark_easy_setopt_sockopt(easy) { context, socket, _ in
        let transfer = Unmanaged<Transfer>.fromOpaque(context!).takeUnretainedValue()
        var timeout = UInt32(transfer.silenceMilliseconds)
        let length = socklen_t(MemoryLayout<UInt32>.size)
        // A kernel that does not know it leaves the request's own deadline.
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &timeout, length)
        return CURL_SOCKOPT_OK
      })
    set(CURLOPT_SOCKOPTDATA, UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque()))
  }

  private func trust(
    _ configuration: HTTPClientConfiguration, _ identity: HTTPClientConfiguration.Identity?
  ) {
    if let folder = configuration.systemFolder { set(CURLOPT_CAPATH, folder) }
    switch configuration.trust {
    case .system:
      // libcurl reads them once a day unless told otherwise.
      set(CURLOPT_CA_CACHE_TIMEOUT, 60)
    case .authorities(let pem):
      set(CURLOPT_CAINFO_BLOB, pem)
      // Else those of the system would be trusted besides.
      set(CURLOPT_CAPATH, nil)
    case .authorityFile(let path):
      preconditionFailure("\(path): the driver has read it by now")
    case .anybody:
      set(CURLOPT_SSL_VERIFYPEER, 0)
      set(CURLOPT_SSL_VERIFYHOST, 0)
    }
    if let identity {
      set(CURLOPT_SSLCERT_BLOB, identity.certificate)
      set(CURLOPT_SSLKEY_BLOB, identity.key)
    }
  }

  /// Another server name stands in the URL, and libcurl is told where to connect in truth.
  private func address(_ url: String, _ configuration: HTTPClientConfiguration) {
    guard let name = configuration.serverName, let host = HostAndPort(url: url) else {
      set(CURLOPT_URL, url)
      return
    }
    connectTo = curl_slist_append(nil, "\(name):\(host.port):\(host.host):\(host.port)")
    set(CURLOPT_CONNECT_TO, UnsafeRawPointer(connectTo))
    set(CURLOPT_URL, host.url(replacingHostBy: name))
  }

  /// Takes a line of the answer's head.
  private func header(_ line: UnsafeRawBufferPointer) {
    if line.starts(with: "HTTP/".utf8) {
      // A new block: what came before was 1xx.
      headers = []
      return
    }
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return }
    let name = line[..<colon].map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    let isBlank = { (byte: UInt8) in byte == 0x20 || (0x9...0xD).contains(byte) }
    let value = line[(colon + 1)...].drop(while: isBlank)
    let end = value.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? value.startIndex
    headers.append(
      (String(decoding: name, as: UTF8.self), String(decoding: value[..<end], as: UTF8.self)))
  }

  /// The socket that it was sent on, if nobody else uses that any more; before it leaves the multi handle.
  var idleSocket: curl_socket_t? {
    var socket: curl_socket_t = -1
    ark_easy_getinfo_socket(easy, CURLINFO_ACTIVESOCKET, &socket)
    return socket >= 0 ? socket : nil
  }

  /// Our port of the connection that it was sent on.
  var localPort: Int? {
    var port = 0
    ark_easy_getinfo_long(easy, CURLINFO_LOCAL_PORT, &port)
    return port > 0 ? port : nil
  }

  /// Whether it is to be sent once more, because the server has not carried it out. Not more than twice.
  func replays(after code: CURLcode) -> Bool {
    guard isLeftUndone(code), replays < 2 else { return false }
    let left = timeout - startedAt.duration(to: .now)
    guard left > .zero else { return false }
    replays += 1
    (headers, body) = ([], [])
    set(CURLOPT_TIMEOUT_MS, left.milliseconds)
    return true
  }

  private func isLeftUndone(_ code: CURLcode) -> Bool {
    switch code {
    case CURLE_HTTP2:
      // A GOAWAY that leaves out every request of a connection is to libcurl (7.88) an error of the
      // protocol, while it replays what was refused beside others by itself.
      headers.isEmpty && body.isEmpty
    case CURLE_HTTP2_STREAM, CURLE_PARTIAL_FILE:
      // A server that refuses does so before it reads the body, and says "stop sending" behind its
      // answer. Where both come in one packet and before the body was sent, libcurl (7.88) drops the
      // answer. What was not sent whole was not carried out.
      !isSentWhole
    default: false
    }
  }

  /// Whether libcurl has passed on all of the body.
  private var isSentWhole: Bool {
    var sent: curl_off_t = 0
    ark_easy_getinfo_off(easy, CURLINFO_SIZE_UPLOAD_T, &sent)
    return sent >= bodySize
  }

  /// Ends with what libcurl says.
  func finish(_ code: CURLcode) {
    guard code == CURLE_OK else {
      continuation.resume(throwing: error(code))
      return
    }
    var status = 0
    ark_easy_getinfo_long(easy, CURLINFO_RESPONSE_CODE, &status)
    continuation.resume(returning: HTTPResponse(status: status, headers: headers, body: body))
  }

  private func error(_ code: CURLcode) -> HTTPError {
    let detail = String(cString: errorBuffer)
    let message = detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
    // Zero until the request is about to be sent.
    var pretransfer: curl_off_t = 0
    ark_easy_getinfo_off(easy, CURLINFO_PRETRANSFER_TIME_T, &pretransfer)
    let kind: HTTPError.Code =
      switch code {
      case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT: .connect
      case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CERTPROBLEM,
        CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR:
        .tls
      case CURLE_OPERATION_TIMEDOUT: .timeout
      case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_HTTP2,
        CURLE_HTTP2_STREAM:
        .reset
      case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_FUNCTION_ARGUMENT:
        .configuration
      default: .other
      }
    return HTTPError(code: kind, message: message, mayHaveReachedServer: pretransfer > 0)
  }

  private func set(_ option: CURLoption, _ value: Int) {
    note(ark_easy_setopt_long(easy, option, value))
  }
  private func set(_ option: CURLoption, _ value: String) {
    note(ark_easy_setopt_string(easy, option, value))
  }
  private func set(_ option: CURLoption, _ value: UnsafeRawPointer?) {
    note(ark_easy_setopt_pointer(easy, option, value))
  }
  private func set(_ option: CURLoption, _ value: [UInt8]) {
    note(value.withUnsafeBytes { ark_easy_setopt_blob(easy, option, $0.baseAddress, $0.count) })
  }
  private func note(_ code: CURLcode) {
    if code != CURLE_OK, refused == nil { refused = code }
  }
}

extension Duration {
  /// Whole milliseconds, at least one: zero means "never" to libcurl.
  fileprivate var milliseconds: Int {
    max(1, Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000))
  }
}
