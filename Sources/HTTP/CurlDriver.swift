internal import AsyncIO
internal import CCurl

/// Drives libcurl's multi interface by events. Everything libcurl does happens on this actor's queue,
/// where the sockets' and the timer's handlers run, too.
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

  private let executor = QueueExecutor(label: "agent-ready-k8s.http")
  private let multi: Multi
  private let configuration: HTTPClientConfiguration
  private var transfers: [UInt64: Transfer] = [:]
  private var cancelled: Set<UInt64> = []
  private var watches: [curl_socket_t: DescriptorWatch] = [:]
  private var timer: ResettableTimer?

  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  init(_ configuration: HTTPClientConfiguration) {
    precondition(Self.isInitialised, "libcurl cannot be initialised")
    self.configuration = configuration
    multi = Multi()
  }

  /// Carries out a request.
  func send(_ request: HTTPRequest, id: UInt64) async throws -> HTTPResponse {
    start()
    return try await withCheckedThrowingContinuation { continuation in
      guard cancelled.remove(id) == nil else {
        continuation.resume(throwing: CancellationError())
        return
      }
      let transfer = Transfer(request, configuration: configuration, continuation: continuation)
      transfers[id] = transfer
      let code = curl_multi_add_handle(multi.pointer, transfer.easy)
      if code != CURLM_OK {
        transfers[id] = nil
        continuation.resume(
          throwing: HTTPError(
            code: .other, message: String(cString: curl_multi_strerror(code)),
            mayHaveReachedServer: false))
      }
    }
  }

  /// Gives a request up. Whether the server carries it out is unknown.
  nonisolated func cancel(id: UInt64) {
    executor.run { self.assumeIsolated { $0.drop(id) } }
  }

  /// A request that was given up before it began, or never will.
  func forget(id: UInt64) { cancelled.remove(id) }

  private func drop(_ id: UInt64) {
    guard let transfer = transfers.removeValue(forKey: id) else {
      cancelled.insert(id)
      return
    }
    curl_multi_remove_handle(multi.pointer, transfer.easy)
    transfer.continuation.resume(throwing: CancellationError())
  }

  /// Sets libcurl's callbacks, once: `self` cannot be handed out in `init`.
  private func start() {
    guard timer == nil else { return }
    timer = ResettableTimer(executor: executor) { [weak self] in
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
      return
    }
    let watch =
      watches[socket]
      ?? DescriptorWatch(
        descriptor: socket, executor: executor,
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
    var running: Int32 = 0
    curl_multi_socket_action(multi.pointer, socket, events, &running)
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi.pointer, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else {
        continue
      }
      let code = ark_message_result(message)
      curl_multi_remove_handle(multi.pointer, easy)
      guard let id = transfers.first(where: { $0.value.easy == easy })?.key,
        let transfer = transfers.removeValue(forKey: id)
      else { continue }
      transfer.finish(code)
    }
  }
}
