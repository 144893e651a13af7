internal import AsyncIO
internal import CCurl
internal import Glibc
internal import Synchronization

/// Drives libcurl's multi interface by events. Everything libcurl does happens on the thread that waits for
/// them, where this actor runs, too.
actor CurlDriver {
  /// The only owner of the multi handle.
  private struct Multi: ~Copyable {
    let pointer: UnsafeMutableRawPointer

    init() { pointer = curl_multi_init()! }
    deinit {
      // Closing calls back, and there is nobody any more to take it.
      ark_multi_setopt_socket(pointer, nil, nil)
      ark_multi_setopt_timer(pointer, nil, nil)
      curl_multi_cleanup(pointer)
    }
  }

  private static let isInitialised: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  private let multi: Multi
  private let configuration: HTTPClientConfiguration
  private var authorityFile: WatchedFile?
  /// By their easy handles.
  private var transfers: [UnsafeMutableRawPointer: (ticket: Ticket, transfer: Transfer)] = [:]
  private var watches: [curl_socket_t: DescriptorWatch] = [:]
  /// When something last came in on a socket, if that was since it is watched.
  private var heardAt: [curl_socket_t: ContinuousClock.Instant] = [:]
  private var timer: ResettableTimer?

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    IOExecutor.shared.asUnownedSerialExecutor()
  }

  init(_ configuration: HTTPClientConfiguration) {
    precondition(Self.isInitialised, "libcurl cannot be initialised")
    self.configuration = configuration
    if case .authorityFile(let path) = configuration.trust {
      authorityFile = WatchedFile(
        path: path, isUsable: HTTPClientConfiguration.Trust.holdsCertificate)
    }
    multi = Multi()
  }

  /// Carries out a request.
  func send(_ request: HTTPRequest, ticket: Ticket) async throws -> HTTPResponse {
    start()
    return try await withCheckedThrowingContinuation { continuation in
      guard !ticket.isCancelled.load(ordering: .acquiring) else {
        continuation.resume(throwing: CancellationError())
        return
      }
      let transfer: Transfer
      do {
        transfer = try Transfer(
          request, configuration: current(), continuation: continuation)
      } catch {
        continuation.resume(throwing: error)
        return
      }
      transfers[transfer.easy] = (ticket, transfer)
      let code = curl_multi_add_handle(multi.pointer, transfer.easy)
      if code != CURLM_OK {
        transfers[transfer.easy] = nil
        continuation.resume(
          throwing: HTTPError(
            code: .other, message: String(cString: curl_multi_strerror(code)),
            mayHaveReachedServer: false))
      }
    }
  }

  /// The configuration, with what its file says now. libcurl is given the content, since it would keep
  /// what it has read from a file for a day; and it uses no connection of another content.
  private func current() throws -> HTTPClientConfiguration {
    var current = configuration
    if let bytes = try authorityFile?.bytes() { current.trust = .authorities(bytes) }
    return current
  }

  /// Gives a request up. Whether the server carries it out is unknown.
  nonisolated func cancel(_ ticket: Ticket) {
    ticket.isCancelled.store(true, ordering: .releasing)
    IOExecutor.shared.run { self.assumeIsolated { $0.drop(ticket) } }
  }

  /// Not begun yet, when `send` will see the mark, or over.
  private func drop(_ ticket: Ticket) {
    guard let transfer = transfers.values.first(where: { $0.ticket === ticket })?.transfer else {
      return
    }
    transfers[transfer.easy] = nil
    curl_multi_remove_handle(multi.pointer, transfer.easy)
    transfer.continuation.resume(throwing: CancellationError())
  }

  /// Sets libcurl's callbacks, once: `self` cannot be handed out in `init`.
  private func start() {
    guard timer == nil else { return }
    timer = ResettableTimer { [weak self] in
      self?.assumeIsolated { $0.act(on: CURL_SOCKET_TIMEOUT, 0) }
    }
    let context = Unmanaged.passUnretained(self).toOpaque()
    ark_multi_setopt_long(multi.pointer, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
    ark_multi_setopt_socket(
      multi.pointer,
      { _, socket, what, context, _ in
        let driver = Unmanaged<CurlDriver>.fromOpaque(context!).takeUnretainedValue()
        driver.assumeIsolated { $0.watch(socket, what) }
        return 0
      }, context)
    ark_multi_setopt_timer(
      multi.pointer,
      { _, milliseconds, context in
        let driver = Unmanaged<CurlDriver>.fromOpaque(context!).takeUnretainedValue()
        driver.assumeIsolated { $0.timer?.set(milliseconds: milliseconds < 0 ? nil : milliseconds) }
        return 0
      }, context)
  }

  private func watch(_ socket: curl_socket_t, _ what: Int32) {
    guard what != CURL_POLL_REMOVE else {
      watches[socket] = nil
      heardAt[socket] = nil
      return
    }
    let watch =
      watches[socket]
      ?? DescriptorWatch(
        descriptor: socket,
        onReadable: { [weak self] in self?.assumeIsolated { $0.act(on: socket, CURL_CSELECT_IN) } },
        onWritable: { [weak self] in self?.assumeIsolated { $0.act(on: socket, CURL_CSELECT_OUT) } }
      )
    watches[socket] = watch
    watch.watch(
      read: what == CURL_POLL_IN || what == CURL_POLL_INOUT,
      write: what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
  }

  private func act(on socket: curl_socket_t, _ events: Int32) {
    // A handler that was already queued when the socket went away.
    guard socket == CURL_SOCKET_TIMEOUT || watches[socket] != nil else { return }
    if events == CURL_CSELECT_IN { heardAt[socket] = .now }
    var running: Int32 = 0
    curl_multi_socket_action(multi.pointer, socket, events, &running)
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi.pointer, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else {
        continue
      }
      let code = ark_message_result(message)
      guard let transfer = transfers[easy]?.transfer else {
        curl_multi_remove_handle(multi.pointer, easy)
        continue
      }
      if code == CURLE_OPERATION_TIMEDOUT { giveUpConnection(of: transfer) }
      curl_multi_remove_handle(multi.pointer, easy)
      if transfer.replays(after: code),
        curl_multi_add_handle(multi.pointer, easy) == CURLM_OK
      {
        continue
      }
      transfers[easy] = nil
      transfer.finish(code)
    }
  }

  /// Ends an HTTP/2 connection on which nothing has come since the request began that has now timed out.
  /// libcurl would keep it, and every further request would be lost on it, for as long as the kernel
  /// sends again (a quarter of an hour) or, behind a balancer that lives, for ever.
  private func giveUpConnection(of transfer: Transfer) {
    if let socket = transfer.idleSocket {
      // Nobody else uses it: at worst a connection is made that need not have been.
      shutdown(socket, Int32(SHUT_RDWR))
    } else if let port = transfer.localPort {
      for socket in watches.keys where localPort(of: socket) == port {
        if let heard = heardAt[socket], heard >= transfer.startedAt { continue }
        shutdown(socket, Int32(SHUT_RDWR))
      }
    }
  }

  private func localPort(of socket: curl_socket_t) -> Int? {
    var address = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        guard getsockname(socket, address, &length) == 0 else { return nil }
        // The port lies at the same place for IPv4 and IPv6.
        return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
          Int(UInt16(bigEndian: $0.pointee.sin_port))
        }
      }
    }
  }
}
