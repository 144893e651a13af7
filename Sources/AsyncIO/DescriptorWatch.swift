internal import CEpoll
internal import Glibc

/// Watches a descriptor for as long as its owner wishes, as libcurl asks for.
///
/// Watches a duplicate: by the time that its owner lets go of it, the descriptor may be closed, and its
/// number another one's.
public final class DescriptorWatch {
  private let ticket = Poller.shared.ticket()
  private let duplicate: Int32
  private let onReadable: @Sendable () -> Void
  private let onWritable: @Sendable () -> Void

  /// - Parameters:
  ///   - descriptor: A socket.
  ///   - onReadable: Called again and again while the descriptor can be read, on `IOExecutor`.
  ///   - onWritable: Called again and again while the descriptor can be written, on `IOExecutor`.
  public init(
    descriptor: Int32, onReadable: @escaping @Sendable () -> Void,
    onWritable: @escaping @Sendable () -> Void
  ) {
    duplicate = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    self.onReadable = onReadable
    self.onWritable = onWritable
  }

  /// Says what to watch for from now on.
  public func watch(read: Bool, write: Bool) {
    guard duplicate >= 0 else { return }
    Poller.shared.watch(ticket, duplicate, read: read, write: write) {
      [onReadable, onWritable] events in
      // What has failed is as ready as it will ever be.
      let hasFailed = events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
      if read, hasFailed || events & (EPOLLIN.rawValue | EPOLLRDHUP.rawValue) != 0 { onReadable() }
      if write, hasFailed || events & EPOLLOUT.rawValue != 0 { onWritable() }
    }
  }

  deinit {
    guard duplicate >= 0 else { return }
    Poller.shared.watch(ticket, duplicate, read: false, write: false) { _ in }
    close(duplicate)
  }
}
