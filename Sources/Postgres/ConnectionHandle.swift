internal import CLibPQ

/// The only owner of a `PGconn`.
struct ConnectionHandle: ~Copyable {
  let pointer: OpaquePointer
  /// Kept alive for libpq, which holds a bare pointer to it.
  private let notices: NoticeSink

  /// Takes over what `PQconnectStartParams` returned.
  init(_ pointer: OpaquePointer, onNotice: (@Sendable (PostgresError) -> Void)?) {
    self.pointer = pointer
    notices = NoticeSink(onNotice)
    PQsetNoticeReceiver(
      pointer,
      { context, result in
        guard let context, let result else { return }
        let sink = Unmanaged<NoticeSink>.fromOpaque(context).takeUnretainedValue()
        sink.onNotice?(PostgresError(result: result))
      }, Unmanaged.passUnretained(notices).toOpaque())
  }

  deinit { PQfinish(pointer) }
}

private final class NoticeSink: Sendable {
  let onNotice: (@Sendable (PostgresError) -> Void)?

  init(_ onNotice: (@Sendable (PostgresError) -> Void)?) { self.onNotice = onNotice }
}

/// Carries a pointer to a thread that alone uses it meanwhile.
struct LentPointer: @unchecked Sendable {
  let pointer: OpaquePointer
}
