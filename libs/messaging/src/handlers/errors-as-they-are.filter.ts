import { Catch, type ExceptionFilter } from '@nestjs/common';
import { throwError, type Observable } from 'rxjs';

/** Nest's own filter for messages turns an error into `Internal server error`; we need the error itself to distinguish an outage from a fault. */
@Catch()
export class ErrorsAsTheyAre implements ExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}
